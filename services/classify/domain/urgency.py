"""How soon must somebody look at a post? A sum of named parts that anybody can add up again."""

from collections.abc import Mapping
from math import log, log10

import msgspec

from schemas.classified import Part
from schemas.posts import SocialPost
from schemas.vocabulary import CaseTopic, Flag, Intent, Tone, Visibility
from services.classify.domain.judge import Judgement, Pressure

CLAIM = {
    Intent.complaint: 37,
    Intent.request: 39,
    Intent.question: 37,
    Intent.praise: 25,
    Intent.talk: 31,
    Intent.spam: 12,
}
NO_CLAIM = {
    Intent.complaint: 26,
    Intent.request: 32,
    Intent.question: 31,
    Intent.praise: 24,
    Intent.talk: 22,
    Intent.spam: 10,
}
BARE_INSULT = 14
"""It asks for nothing (R13)."""
TONE = {
    Tone.negative: (0, 1, 5),
    Tone.interested: (-2, -1, 5),
    Tone.indifferent: (-2, 0, 5),
    Tone.positive: (-3, -3, -3),
}
TOPIC = {
    CaseTopic.safety: 15,
    CaseTopic.fraud_security: 7,
    CaseTopic.outage_availability: 3,
    CaseTopic.delivery_logistics: 1,
    CaseTopic.cancellation_refund: -1,
    CaseTopic.billing_payment: -2,
    CaseTopic.staff_service: -2,
    CaseTopic.information: -4,
    CaseTopic.price_terms: -5,
    CaseTopic.other: -5,
    CaseTopic.product_quality: -7,
}
PRESSURE = {
    Pressure.time_pressure: 6,
    Pressure.blocked: 6,
    Pressure.stranded: 16,
    Pressure.money_at_stake: 24,
}
BLOCKING = (Pressure.stranded, Pressure.blocked)
DANGER = {Flag.safety: 9, Flag.self_harm: 90}
OUTSIDE = {Flag.legal: 8, Flag.press: 20}
REPEAT, CHURN, PUBLIC = 5, 6, 2
PER_TENFOLD, MOST_FOR_REACH = 3, 18
PER_STEP, CALM, MOST_FOR_WORDING = 4.1, -2.1, 20
"""How many points a step of log odds is worth, and where the middle lies."""
HIGHEST = 3
BANDS = (26, 46, 66)
"""Lower bounds of bands 1, 2 and 3: within a day, within an hour or two, within minutes.

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
    return Urgency(points=clamped, band=band_of(clamped), parts=parts)


def points_of(judged: Judgement, post: SocialPost) -> dict[str, int]:
    """The points of each part; every part looks at its own cue and at nothing else."""
    return {
        "intent": _intent(judged),
        "tone_strength": TONE.get(judged.tone, (0, 0, 0))[judged.strength],
        "topic_severity": TOPIC.get(judged.topic, 0),
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


def band_of(points: int) -> int:
    """0 no reaction, 1 within a day, 2 within an hour or two, 3 minutes; as in the label guide."""
    return sum(points >= bound for bound in BANDS)


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
