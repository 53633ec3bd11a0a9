"""What does a post mean? Text and context become axes, urgency parts and a proposal."""

from collections.abc import Mapping

import msgspec

from schemas.classified import Classification
from schemas.posts import SocialPost
from services.classify.domain.addressed import addressed_of
from services.classify.domain.judge import Judge, Judgement
from services.classify.domain.lexicon import Lexicon
from services.classify.domain.propose import propose
from services.classify.domain.urgency import Urgency, Whys, urgency_of

LocalWhys = Mapping[str, Mapping[str, str]]
"""Why a part counts, by language and part name."""


def whys_of(lexicons: Mapping[str, Lexicon]) -> LocalWhys:
    """The explaining sentences of all lexicons."""
    return {lang: lexicon.whys for lang, lexicon in lexicons.items()}


def classify(post: SocialPost, judge: Judge, whys: LocalWhys) -> Classification:
    """Axes, then urgency, then a proposal; a pure function of one post and its judge (design 1)."""
    judged = in_context(judge.judge(text_of(post), post.lang), post)
    english = whys["en"]
    local = Whys(english=english, local=whys.get(judged.lang, english))
    return _classification(judged, urgency_of(judged, post, local), judge)


def text_of(post: SocialPost) -> str:
    """What is judged: the title, if any, and the text."""
    return f"{post.title}\n{post.text}" if post.title else post.text


def in_context(judged: Judgement, post: SocialPost) -> Judgement:
    """What the post knows better than its text: to whom it speaks, and what ingest took out."""
    return msgspec.structs.replace(
        judged,
        addressed=addressed_of(post, judged.addressed),
        personal_data=judged.personal_data or bool(post.redactions),
    )


def _classification(judged: Judgement, urgency: Urgency, judge: Judge) -> Classification:
    return Classification(
        lang=judged.lang,
        addressed=judged.addressed,
        intent=judged.intent,
        tone=judged.tone,
        strength=judged.strength,
        emotion=judged.emotion,
        rude=judged.rude,
        fair_claim=judged.fair_claim,
        solvable=judged.solvable,
        topic=judged.topic,
        personal_data=judged.personal_data,
        repeat_contact=judged.repeat_contact,
        flags=judged.flags,
        urgency=urgency.points,
        urgency_band=urgency.band,
        parts=urgency.parts,
        disposition=propose(judged),
        confidence=confidence_of(judged, urgency.band),
        model=judge.model,
    )


def confidence_of(judged: Judgement, band: int) -> dict[str, float]:
    """How sure the judge is; of urgency, that the band of the sum is right."""
    if not judged.bands:
        return judged.confidence
    return judged.confidence | {"urgency": round(judged.bands[band], 3)}
