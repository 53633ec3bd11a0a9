"""How soon must somebody look at a post? A sum of named parts that anybody can add up again."""

from collections.abc import Mapping
from math import log10

import msgspec

from schemas.classified import Part
from schemas.posts import SocialPost
from schemas.vocabulary import CaseTopic, Flag, Intent, Tone, Visibility
from services.classify.domain.judge import Judgement, Pressure

TONE = {Tone.negative: (4, 8, 18), Tone.interested: (0, 2, 4)}
CLAIM = {Intent.complaint: 24, Intent.request: 24, Intent.question: 22}
NO_CLAIM = {
    Intent.complaint: -2,
    Intent.request: 20,
    Intent.question: 18,
    Intent.talk: -14,
    Intent.praise: -40,
    Intent.spam: -100,
}
TOPIC = {
    CaseTopic.safety: 18,
    CaseTopic.fraud_security: 24,
    CaseTopic.outage_availability: 10,
    CaseTopic.account_access: 8,
    CaseTopic.billing_payment: 10,
    CaseTopic.cancellation_refund: 8,
    CaseTopic.delivery_logistics: 8,
    CaseTopic.staff_service: 4,
}
PRESSURE = {
    Pressure.time_pressure: 12,
    Pressure.blocked: 12,
    Pressure.stranded: 26,
    Pressure.money_at_stake: 26,
}
BLOCKING = (Pressure.stranded, Pressure.blocked)
DANGER = {Flag.safety: 30, Flag.self_harm: 120}
OUTSIDE = {Flag.legal: 12, Flag.press: 18}
REPEAT, CHURN, PUBLIC = 12, 8, 2
PER_TENFOLD, MOST_FOR_REACH = 3, 18
BANDS = (20, 42, 70)
"""Lower bounds of bands 1, 2 and 3: within a day, within an hour or two, within minutes."""


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
        "intent": (CLAIM if judged.fair_claim else NO_CLAIM).get(judged.intent, 0),
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
    }


def reach_points(post: SocialPost) -> int:
    """More readers never lower it; unknown reach adds nothing and takes nothing (R32)."""
    seen = post.reach
    followers = post.author.followers if post.author else None
    readers = max(followers or 0, (seen.views if seen else None) or 0)
    passed_on = ((seen.reposts or 0) + (seen.replies or 0)) if seen else 0
    size = max(0, readers) + 10 * max(0, passed_on)
    return min(MOST_FOR_REACH, int(PER_TENFOLD * log10(max(1, size))))


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
    "clamp",
)
"""Every part there is; each lexicon explains all of them."""


def _pressure(judged: Judgement, kind: Pressure) -> int:
    return PRESSURE[kind] if kind in judged.pressures else 0
