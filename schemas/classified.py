"""What does a post mean? The judgement of classify, with its parts and its evidence."""

import msgspec

from schemas.event import Event, Instant
from schemas.posts import SocialPost
from schemas.vocabulary import (
    Addressed,
    CaseTopic,
    Disposition,
    Emotion,
    Flag,
    Intent,
    ReplyKind,
    Solvable,
    Tone,
)

URGENCY_BANDS = (26, 46, 66)
"""From which points on urgency is 1 within a day, 2 within an hour or two, 3 within minutes."""


def urgency_band(points: int) -> int:
    """0 no reaction, then the bands of ``URGENCY_BANDS``; as in the label guide."""
    return sum(points >= bound for bound in URGENCY_BANDS)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One named share of a sum, with its reason in English and in the post's language."""

    name: str
    points: int
    why: str
    why_local: str | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Which judge spoke."""

    name: str
    version: str
    profile: str = "default"


class Classification(msgspec.Struct, frozen=True, kw_only=True):
    """The axes of one post; ``urgency`` equals the sum of ``parts``, clamps included."""

    lang: str
    addressed: Addressed
    intent: Intent
    tone: Tone
    strength: int
    emotion: Emotion
    rude: bool
    fair_claim: bool
    solvable: Solvable
    topic: CaseTopic
    personal_data: bool
    repeat_contact: bool
    flags: tuple[Flag, ...] = ()
    urgency: int
    urgency_band: int
    parts: tuple[Part, ...]
    disposition: Disposition
    confidence: dict[str, float] = {}
    evidence: dict[str, tuple[tuple[int, int], ...]] = {}
    model: Model


class ReplyCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Does a reply pass one check, and where is that seen?"""

    ok: bool
    evidence: str | None = None


class ReplyReview(msgspec.Struct, frozen=True, kw_only=True):
    """Which step of the play a brand's reply is, and how it holds up."""

    kind: ReplyKind
    checks: dict[str, ReplyCheck] = {}
    promise_until: Instant | None = None


class ClassifiedPost(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """A post with its judgement; no classification for tombstones and engagement."""

    post: SocialPost
    classification: Classification | None = None
    fingerprint: str | None = None
    reply_review: ReplyReview | None = None
