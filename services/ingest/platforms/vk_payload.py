"""What does VK write about a post, a comment or a message? One struct for all their objects.

https://dev.vk.com/ru/api/community-events/json-schema
"""

import msgspec

from schemas.posts import Attachment
from services.ingest.domain.post import MANY
from services.ingest.platforms.wire import Id, MaybeId, When, web


class Size(msgspec.Struct, frozen=True):
    """One of the sizes in which a photo is kept."""

    url: str | None = None
    width: int | float | None = None


class Media(msgspec.Struct, frozen=True):
    """A photo, a document, a link or a voice message; each fills what it has."""

    url: str | None = None
    sizes: tuple[Size, ...] | None = None
    link_mp3: str | None = None
    link_ogg: str | None = None
    transcript: str | None = None


class VkAttachment(msgspec.Struct, frozen=True):
    """Something beside the text; the named member holds it, others have no address."""

    type: str = "unknown"
    photo: Media | None = None
    doc: Media | None = None
    link: Media | None = None
    audio_message: Media | None = None

    @property
    def media(self) -> Media:
        """What is attached, as far as it has an address or words."""
        return self.photo or self.doc or self.link or self.audio_message or Media()


class Counted(msgspec.Struct, frozen=True):
    """How often; where VK gives it."""

    count: int | None = None


class Quoted(msgspec.Struct, frozen=True):
    """The message that is answered."""

    conversation_message_id: MaybeId = None
    id: MaybeId = None


class VkObject(msgspec.Struct, frozen=True):
    """A post, comment or message; which fields are there depends on the event's type."""

    id: MaybeId = None
    from_id: MaybeId = None
    owner_id: MaybeId = None
    post_id: MaybeId = None
    post_owner_id: MaybeId = None
    topic_id: MaybeId = None
    topic_owner_id: MaybeId = None
    photo_id: MaybeId = None
    photo_owner_id: MaybeId = None
    video_id: MaybeId = None
    video_owner_id: MaybeId = None
    item_id: MaybeId = None
    market_owner_id: MaybeId = None
    user_id: MaybeId = None
    deleter_id: MaybeId = None
    reply_to_comment: MaybeId = None
    parents_stack: tuple[Id, ...] | None = None
    post_type: str | None = None
    date: When = None
    update_time: When = None
    text: str | None = None
    attachments: tuple[VkAttachment, ...] | None = None
    copy_history: "tuple[VkObject, ...] | None" = None
    likes: Counted | None = None
    comments: Counted | None = None
    reposts: Counted | None = None
    views: Counted | None = None
    peer_id: MaybeId = None
    conversation_message_id: MaybeId = None
    out: int | bool | None = None
    reply_message: Quoted | None = None
    action: msgspec.Raw = msgspec.Raw(b"")
    message: "VkObject | None" = None


class VkEvent(msgspec.Struct, frozen=True):
    """The envelope; since API 5.103 a new message lies in ``object.message``.

    A long poll that has lost its place says ``failed`` instead.
    """

    type: str = ""
    object: msgspec.Raw = msgspec.Raw(b"{}")
    group_id: MaybeId = None
    event_id: MaybeId = None
    failed: int | None = None


def attachments_of(given: VkObject) -> tuple[Attachment, ...]:
    """What lies beside the text."""
    return tuple(_attachment(one) for one in (given.attachments or ())[:MANY])


def transcripts_of(given: VkObject) -> str:
    """What was said in voice messages, as VK has written it down."""
    spoken = [one.media.transcript for one in given.attachments or () if one.media.transcript]
    return "\n".join(spoken)


def first_of(*given: MaybeId) -> str | None:
    """The first id that is there; VK also writes 0 for none."""
    return next((str(one) for one in given if one and one != "0"), None)


def _attachment(given: VkAttachment) -> Attachment:
    media = given.media
    largest = max(media.sizes or (), key=lambda size: size.width or 0, default=None)
    url = largest.url if largest else media.url or media.link_mp3 or media.link_ogg
    return Attachment(kind=given.type, url=web(url))
