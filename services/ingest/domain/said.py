"""What did a platform say? One event in our words, before it is known whose it is."""

from datetime import datetime

import msgspec

from schemas.posts import Attachment, Author, Reach
from schemas.vocabulary import Kind, Op, PostedAtSource, SeenAs, Space, Visibility


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform said, in our words; ``event_at`` is when it happened, if it is told.

    ``id`` carries its prefix already; texts are as received. ``author`` has no brand flags yet, but
    where only the account's owner can have written. ``occasion`` tells two events apart that have
    the same words and no time, by the platform's id.
    """

    op: Op
    id: str
    kind: Kind
    space: Space
    visibility: Visibility
    text: str = ""
    title: str | None = None
    author: Author | None = None
    deleted_by: str | None = None
    conversation_id: str | None = None
    thread_id: str | None = None
    parent_id: str | None = None
    root_id: str | None = None
    quoted_id: str | None = None
    reposted_id: str | None = None
    posted_at: datetime | None = None
    posted_at_source: PostedAtSource = PostedAtSource.platform
    edited_at: datetime | None = None
    event_at: datetime | None = None
    occasion: str | None = None
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    rating: int | None = None
    reach: Reach | None = None
    url: str | None = None
    lang: str | None = None
    seen_as: SeenAs = SeenAs.observed
