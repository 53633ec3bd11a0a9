"""How do people hand posts to a command line, and what do they get back? Plain rows both ways."""

from datetime import UTC, datetime

import msgspec

from schemas.classified import Classification
from schemas.event import Instant
from schemas.posts import Author, Reach, SocialPost
from schemas.vocabulary import ChannelRole, Kind, Op, PostedAtSource, Space, Visibility

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
"""A row has no time, and no judgement needs one."""


class AuthorRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a row may say of its author."""

    id: str = ""
    followers: int | None = None
    is_brand: bool = False


class TextRow(msgspec.Struct, frozen=True, kw_only=True):
    """What every row has; other keys are ignored."""

    id: str | int
    text: str


class ReplyRow(TextRow, frozen=True, kw_only=True):
    """A brand's reply, and what is known around it.

    ``to`` is the text that it answers. ``said_at`` gives the days of a promise its time zone.
    Replies of one ``thread``, or of none, are compared with each other.
    """

    to: str | None = None
    thread: str | None = None
    platform: str | None = None
    visibility: Visibility = Visibility.public
    said_at: Instant | None = None


class Row(TextRow, frozen=True, kw_only=True):
    """A post; other keys are ignored, a bare number as reach is views."""

    author: AuthorRow | str | None = None
    reach: Reach | int | None = None
    parent: str | None = None
    lang: str | None = None


class PlainPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part in a few words."""

    name: str
    points: int
    why: str


class PlainClassification(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A classification under the names of the label guide."""

    lang: str
    addressed: str
    intent: str
    tone: str
    strength: int
    rude: bool
    fair_claim: bool
    solvable: str
    topic: str
    disposition: str
    personal_data: bool
    repeat_contact: bool
    urgency: int
    urgency_band: int
    parts: tuple[PlainPart, ...]
    evidence: dict[str, tuple[tuple[int, int], ...]] = {}


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """A row's answer."""

    id: str | int
    classification: PlainClassification


def post_of(row: Row) -> SocialPost:
    """The public post that a row stands for."""
    return SocialPost(
        event_id=str(row.id),
        occurred_at=BEFORE_ALL,
        op=Op.created,
        id=str(row.id),
        revision=0,
        brand="",
        source="rows",
        account="",
        parent_id=row.parent,
        kind=Kind.reply if row.parent else Kind.post,
        space=Space.mention,
        channel_role=ChannelRole.service,
        visibility=Visibility.public,
        author=_author(row.author),
        text=row.text,
        lang=row.lang,
        reach=Reach(views=row.reach) if isinstance(row.reach, int) else row.reach,
        posted_at_source=PostedAtSource.received,
        received_at=BEFORE_ALL,
    )


def scored(row: Row, judgement: Classification) -> Scored:
    """The judgement of a row in plain values."""
    plain = msgspec.convert(judgement, PlainClassification, from_attributes=True)
    return Scored(id=row.id, classification=plain)


def _author(author: AuthorRow | str | None) -> Author | None:
    if author is None:
        return None
    if isinstance(author, str):
        return Author(id=author)
    return Author(id=author.id, followers=author.followers, is_brand=author.is_brand)
