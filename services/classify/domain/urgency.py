"""How soon must somebody look at a post? A sum of named parts that anybody can add up again."""

from collections.abc import Mapping
from math import log, log10

import msgspec

from schemas.classified import URGENCY_BANDS, Part, urgency_band
from schemas.posts import SocialPost
from schemas.vocabulary import CaseTopic, Disposition, Flag, Intent, Tone, Visibility
from services.classify.domain.judge import Judgement, Pressure
from services.classify.domain.propose import of_axes

CLAIM = {
    Intent.complaint: 28,
    Intent.request: 31,
    Intent.question: 30,
    Intent.praise: 25,
    Intent.talk: 28,
    Intent.spam: 16,
}
NO_CLAIM = {
    Intent.complaint: 26,
    Intent.request: 28,
    Intent.question: 28,
    Intent.praise: 21,
    Intent.talk: 21,
    Intent.spam: 16,
}
BARE_INSULT = 13
"""It asks for nothing (R13)."""
TONE = {
    Tone.negative: (2, 3, 7),
    Tone.interested: (0, 2, 2),
    Tone.indifferent: (0, 0, 3),
    Tone.positive: (-2, -5, -8),
}
TOPIC = {
    CaseTopic.safety: 16,
    CaseTopic.fraud_security: 5,
    CaseTopic.outage_availability: 2,
    CaseTopic.delivery_logistics: 0,
    CaseTopic.account_access: -1,
    CaseTopic.staff_service: -1,
    CaseTopic.cancellation_refund: -2,
    CaseTopic.billing_payment: -2,
    CaseTopic.information: -3,
    CaseTopic.other: -4,
    CaseTopic.price_terms: -5,
    CaseTopic.product_quality: -6,
}
CALLS_FOR = {
    Disposition.human_review: 19,
    Disposition.public_ack_then_private: 7,
    Disposition.answer_here: 4,
    Disposition.thank: 0,
    Disposition.listen: -4,
    Disposition.no_reply_insult: -4,
    Disposition.no_reply_unresolvable: -12,
    Disposition.ignore_spam: -13,
}
"""By what the judge would do; of the whole text, as intent, tone and topic are."""
PRESSURE = {
    Pressure.time_pressure: 5,
    Pressure.blocked: 5,
    Pressure.stranded: 16,
    Pressure.money_at_stake: 20,
}
BLOCKING = (Pressure.stranded, Pressure.blocked)
DANGER = {Flag.safety: 4, Flag.self_harm: 90}
OUTSIDE = {Flag.legal: 4, Flag.press: 12}
REPEAT, CHURN, PUBLIC = 6, 6, 2
PER_TENFOLD, MOST_FOR_REACH = 3, 18
PER_STEP, CALM, MOST_FOR_WORDING = 4.7, -2.1, 20
"""How many points a step of log odds is worth, and where the middle lies."""
HIGHEST = len(URGENCY_BANDS)
"""The highest band.

The points were fitted on labelled posts by judgements that had not seen them, and rounded; danger
to oneself was set far above (ADR 0011).
"""


class Urgency(msgspec.Struct, frozen=True, kw_only=True):
    """A sum and its parts."""

    points: int
    band: int
    parts: tuple[Part, ...]


def urgency_of(judged: Judgement, post: SocialPost, whys: "Whys") -> Urgency:
    """Add up the parts; what does not count is left out, a clamp is a part of its own."""
    points = points_of(judged, post)
    total = sum(points.values())
    clamped = min(100, max(0, total))
    points["clamp"] = clamped - total
    parts = tuple(whys.part(name, count) for name, count in points.items() if count)
    return Urgency(points=clamped, band=urgency_band(clamped), parts=parts)


def points_of(judged: Judgement, post: SocialPost) -> dict[str, int]:
    """The points of each part; every part looks at its own cue and at nothing else."""
    return {
        "intent": _intent(judged),
        "tone_strength": TONE.get(judged.tone, (0, 0, 0))[judged.strength],
        "topic_severity": TOPIC.get(judged.topic, 0),
        "calls_for": CALLS_FOR.get(judged.proposal or of_axes(judged), 0),
        "time_pressure": _pressure(judged, Pressure.time_pressure),
        "blocked_or_stranded": max(_pressure(judged, kind) for kind in BLOCKING),
        "money_at_stake": _pressure(judged, Pressure.money_at_stake),
        "safety": max((DANGER.get(flag, 0) for flag in judged.flags), default=0),
        "legal_or_press": max((OUTSIDE.get(flag, 0) for flag in judged.flags), default=0),
        "reach": reach_points(post),
        "public": PUBLIC if post.visibility is Visibility.public else 0,
        "repeat_contact": REPEAT if judged.repeat_contact else 0,
        "churn": CHURN if Flag.churn in judged.flags else 0,
        "wording": wording_points(judged.wording),
    }


def reach_points(post: SocialPost) -> int:
    """More readers never lower it; unknown reach adds nothing and takes nothing (R32)."""
    seen = post.reach
    followers = post.author.followers if post.author else None
    readers = max(followers or 0, (seen.views if seen else None) or 0)
    passed_on = ((seen.reposts or 0) + (seen.replies or 0)) if seen else 0
    size = max(0, readers) + 10 * max(0, passed_on)
    return min(MOST_FOR_REACH, int(PER_TENFOLD * log10(max(1, size))))


def wording_points(band: float) -> int:
    """What the rest of the text adds, or takes where it sounds calm: by the odds of its band."""
    share = min(0.997, max(0.003, band / HIGHEST))
    points = round(PER_STEP * (log(share / (1 - share)) - CALM))
    return max(-MOST_FOR_WORDING, min(MOST_FOR_WORDING, points))


class Whys(msgspec.Struct, frozen=True, kw_only=True):
    """The sentences that explain parts, in English and in the language of the post."""

    english: Mapping[str, str]
    local: Mapping[str, str]

    def part(self, name: str, points: int) -> Part:
        """A part with its reason in both languages."""
        return Part(name=name, points=points, why=self.english[name], why_local=self.local[name])


PART_NAMES = (
    "intent",
    "tone_strength",
    "topic_severity",
    "calls_for",
    "time_pressure",
    "blocked_or_stranded",
    "money_at_stake",
    "safety",
    "legal_or_press",
    "reach",
    "public",
    "repeat_contact",
    "churn",
    "wording",
    "clamp",
)
"""Every part there is; each lexicon explains all of them."""


def _intent(judged: Judgement) -> int:
    if judged.fair_claim:
        return CLAIM.get(judged.intent, 0)
    return BARE_INSULT if judged.rude else NO_CLAIM.get(judged.intent, 0)


def _pressure(judged: Judgement, kind: Pressure) -> int:
    return PRESSURE[kind] if kind in judged.pressures else 0
