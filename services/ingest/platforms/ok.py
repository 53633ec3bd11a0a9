"""How does Odnoklassniki speak? Messages of a group's chats by webhook, comments by polling.

It signs nothing: the address that it is given bears the secret. https://apiok.ru/dev/graph_api
"""

from datetime import datetime

import msgspec

from schemas.posts import Attachment, Author, Reach, SocialPost
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import MANY, post_of
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.ok_payload import Comment, Discussion, Event
from services.ingest.platforms.wire import (
    decoded,
    instant,
    is_one_of,
    shapeless,
    text_of,
    unsupported,
    web,
)

taken: Answer | None = Answer()
"""Odnoklassniki sends anew what is not answered by 200 within five seconds."""

_CONFIRMATION = "CONFIRMATION"
_MESSAGES = frozenset({"", "MESSAGE_CREATED"})
_NO_MESSAGES = frozenset({_CONFIRMATION, "MESSAGE_CALLBACK", "CHAT_SYSTEM"})
_COMMENT = "comment"

_EVENT = msgspec.json.Decoder(Event)
_DISCUSSION = msgspec.json.Decoder(Discussion)
_COMMENTED = msgspec.json.Decoder(Comment)


def verify(delivery: Delivery, keys: Keys, now: datetime) -> bool:
    """Was it sent to the address with a live secret, ``?secret=...``?"""
    return is_one_of(delivery.query.get("secret", ""), keys.secrets)


def handshake(delivery: Delivery, keys: Keys) -> Answer | None:
    """The application's confirmation string, while one is configured."""
    if not keys.handshake or _CONFIRMATION.encode() not in delivery.body:
        return None
    event = decoded(delivery.body, _EVENT)
    if isinstance(event, Refused) or event.webhook_type != _CONFIRMATION:
        return None
    return Answer(body=keys.handshake.encode(), media_type="text/plain")


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The one event of a delivery, or the comments of a polled discussion."""
    body = delivery.body
    discussion = decoded(body, _DISCUSSION)
    if isinstance(discussion, Refused) or discussion.comments is None:
        return (Native(raw=body, post=body),)
    about = {"discussionId": discussion.discussion_id, "discussionType": discussion.discussion_type}
    return tuple(
        Native(
            raw=msgspec.json.encode({**about, "comments": [one]}),
            post=bytes(one),
            event=f"{_COMMENT}/{text_of(discussion.discussion_id) or ''}",
        )
        for one in discussion.comments
    )


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The message or comment that an event tells of, or why it is none; never raises."""
    where, _, discussion = (native.event or "").partition("/")
    said = _comment(native.post, discussion) if where == _COMMENT else _message(native.post)
    return post_of(said, seen) if isinstance(said, Said) else said


def _message(post: bytes) -> Said | Ignored | Refused:
    """What a person wrote; what the group answers is not delivered."""
    event = decoded(post, _EVENT)
    if isinstance(event, Refused):
        return event
    if event.webhook_type in _NO_MESSAGES:
        return Ignored(why="no message")
    message, sender = event.message, event.sender
    if event.webhook_type not in _MESSAGES or message is None:
        return unsupported("a message")
    own, writer = text_of(message.mid), text_of(sender.user_id) if sender else None
    if own is None or writer is None or sender is None:
        return shapeless("a message with `mid` and `user_id`")
    chat = text_of(event.recipient.chat_id) if event.recipient else None
    answered = text_of(message.reply_to)
    return Said(
        op=Op.created,
        id=f"ok:{own}",
        kind=Kind.message,
        space=Space.dm,
        visibility=Visibility.private,
        text=message.text or "",
        author=Author(id=writer, name=sender.name),
        conversation_id=f"ok:{chat}" if chat else None,
        parent_id=f"ok:{answered}" if answered else None,
        posted_at=instant(event.timestamp),
        attachments=tuple(
            Attachment(kind=one.type.lower(), url=web(one.payload.url) if one.payload else None)
            for one in (message.attachments or ())[:MANY]
        ),
    )


def _comment(post: bytes, discussion: str) -> Said | Refused:
    given = decoded(post, _COMMENTED)
    if isinstance(given, Refused):
        return given
    author, parent = text_of(given.author_id), text_of(given.reply_to_comment_id)
    return Said(
        op=Op.created,
        id=f"ok:{given.id}",
        kind=Kind.comment,
        space=Space.own_page,
        visibility=Visibility.public,
        text=given.text or "",
        author=Author(id=author, name=given.author_name) if author else None,
        conversation_id=f"ok:{discussion}" if discussion else None,
        parent_id=f"ok:{parent}" if parent else None,
        posted_at=instant(given.date_ms) or instant(given.date),
        reach=None if given.like_count is None else Reach(likes=given.like_count),
    )
