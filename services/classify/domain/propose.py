"""What would the label guide do with this post? A proposal; route's Decision binds."""

from schemas.vocabulary import Addressed, CaseTopic, Disposition, Flag, Intent, Solvable
from services.classify.domain.judge import Judgement
from services.classify.domain.language import KNOWN

DELICATE = frozenset({Flag.legal, Flag.press, Flag.safety, Flag.self_harm})
SILENT = (Disposition.listen, Disposition.ignore_spam, Disposition.no_reply_insult)
"""Dispositions after which nobody answers; what cannot be resolved a person confirms (R14)."""
PUBLIC_QUESTIONS = (CaseTopic.outage_availability, CaseTopic.product_quality)


def propose(judged: Judgement) -> Disposition:
    """What the judge would do, unless that leaves a request unheard or a danger unseen."""
    asked_for = of_axes(judged)
    wanted = judged.proposal or asked_for
    unheard = wanted in SILENT and asks_brand(judged)
    exposed = wanted is Disposition.answer_here and is_private(judged)
    return asked_for if unheard or exposed or _needs_a_person(judged) else wanted


def is_private(judged: Judgement) -> bool:
    """Is it somebody's own trouble, which cannot be settled before everybody's eyes?"""
    return judged.fair_claim and judged.intent is not Intent.question


def asks_brand(judged: Judgement) -> bool:
    """Is it a request to the brand, or a claim that the brand could check (R5, R17)?"""
    asks = judged.intent in (Intent.question, Intent.request)
    claims = judged.intent is Intent.complaint and judged.fair_claim
    return judged.addressed is Addressed.direct and (asks or claims)


def of_axes(judged: Judgement) -> Disposition:
    """The disposition that the axes ask for; first match wins (requirements 1.7)."""
    if judged.intent is Intent.spam:
        return Disposition.ignore_spam
    if _needs_a_person(judged):
        return Disposition.human_review
    if judged.intent is Intent.praise:
        return Disposition.thank
    if judged.addressed is Addressed.none or judged.intent is Intent.talk:
        return Disposition.listen
    if judged.solvable is Solvable.no:
        return Disposition.no_reply_unresolvable
    return _answer_to(judged)


def _needs_a_person(judged: Judgement) -> bool:
    asks = judged.intent not in (Intent.talk, Intent.praise)
    delicate = asks and bool(DELICATE & set(judged.flags))
    unread = judged.lang not in KNOWN
    return delicate or unread or judged.suspected_campaign or Flag.self_harm in judged.flags


def _answer_to(judged: Judgement) -> Disposition:
    if judged.intent is Intent.question:
        return _answer_to_question(judged)
    if judged.fair_claim:
        return Disposition.public_ack_then_private
    if judged.intent is Intent.request and judged.addressed is Addressed.direct:
        return _answer_to_request(judged)  # however rude: a direct request is never left (R5)
    if judged.rude:
        return Disposition.no_reply_insult
    if judged.intent is Intent.request:
        return _answer_to_request(judged)
    return _answer_to_vague_complaint(judged.addressed)


def _answer_to_question(judged: Judgement) -> Disposition:
    private = judged.fair_claim or judged.personal_data or judged.repeat_contact
    if private and judged.topic not in PUBLIC_QUESTIONS:
        return Disposition.public_ack_then_private
    return Disposition.answer_here if judged.addressed is Addressed.direct else Disposition.listen


def _answer_to_request(judged: Judgement) -> Disposition:
    private = judged.personal_data or judged.repeat_contact or judged.topic is CaseTopic.other
    return Disposition.public_ack_then_private if private else Disposition.answer_here


def _answer_to_vague_complaint(addressed: Addressed) -> Disposition:
    direct = addressed is Addressed.direct
    return Disposition.public_ack_then_private if direct else Disposition.listen
