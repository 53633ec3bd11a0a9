"""What does an event of VK say in our words? A message, a wall post, a comment under something."""

import re

import msgspec

from schemas.posts import Author, Reach
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import MANY
from services.ingest.domain.receipt import Ignored, Refused
from services.ingest.domain.said import Said
from services.ingest.platforms.vk_payload import (
    VkEvent,
    VkObject,
    attachments_of,
    first_of,
    transcripts_of,
)
from services.ingest.platforms.wire import instant, shapeless, text_of

_NAMED = re.compile(r"\[(id|club|public|event)(\d+)(?::[^|\]]*)?\|([^\]]*)\]")
_UNTIMED = frozenset({Op.deleted, Op.restored})


class _Noun(msgspec.Struct, frozen=True, kw_only=True):
    """What a comment stands under: our word for it, the fields with its id and its owner's."""

    container: str
    id_field: str
    owner_field: str
    space: Space = Space.own_page


_COMMENTED = {
    "wall_reply": _Noun(container="wall_post", id_field="post_id", owner_field="post_owner_id"),
    "photo_comment": _Noun(container="photo", id_field="photo_id", owner_field="photo_owner_id"),
    "video_comment": _Noun(container="video", id_field="video_id", owner_field="video_owner_id"),
    "market_comment": _Noun(container="market", id_field="item_id", owner_field="market_owner_id"),
    "board_post": _Noun(
        container="board", id_field="topic_id", owner_field="topic_owner_id", space=Space.forum
    ),
}


def said_of(event: VkEvent, given: VkObject, op: Op) -> Said | Ignored | Refused | None:
    """The event in our words; None where its type is about nothing that we know."""
    said = _read(event, given, op)
    return _worded(said, event, given) if isinstance(said, Said) else said


def _read(event: VkEvent, given: VkObject, op: Op) -> Said | Ignored | Refused | None:
    noun = event.type.rpartition("_")[0]
    if noun in _COMMENTED:
        return _comment(event, given, op, _COMMENTED[noun])
    if noun in {"wall_post", "wall"}:
        return _wall_post(event, given, op)
    return _message(event, given, op) if noun == "message" else None


def _message(event: VkEvent, given: VkObject, op: Op) -> Said | Ignored | Refused:
    """Also the community's own: ``out`` says so, whoever of its people wrote it."""
    if bytes(given.action) not in {b"", b"null"} and not given.text:
        return Ignored(why="a service message")
    peer = first_of(given.peer_id, given.from_id)
    number = first_of(given.conversation_message_id, given.id)
    if peer is None or number is None:
        return shapeless("a message with `peer_id` and `id`")
    dialogue = f"vk:message:{event.group_id}_{peer}"
    answered = given.reply_message
    parent = answered and first_of(answered.conversation_message_id, answered.id)
    own = given.out or event.type == "message_reply"
    return Said(
        op=op,
        id=f"{dialogue}_{number}",
        kind=Kind.message,
        space=Space.dm,
        visibility=Visibility.private,
        author=_author(f"-{event.group_id}" if own else first_of(given.from_id)),
        conversation_id=dialogue,
        parent_id=f"{dialogue}_{parent}" if parent else None,
        edited_at=instant(given.update_time) if op is Op.edited else None,
    )


def _wall_post(event: VkEvent, given: VkObject, op: Op) -> Said | Ignored | Refused:
    """A post on the community's wall, or one elsewhere that repeats it."""
    owner, number = first_of(given.owner_id, f"-{event.group_id}"), first_of(given.id)
    if given.post_type == "postpone":
        return Ignored(why="not published yet")
    if number is None:
        return shapeless("a post with `id`")
    elsewhere = event.type == "wall_repost"
    origin = given.copy_history[0] if given.copy_history else None
    suggested = given.post_type == "suggest"
    return Said(
        op=op,
        id=f"vk:wall_post:{owner}_{number}",
        kind=Kind.repost if elsewhere or origin else Kind.post,
        space=Space.mention if elsewhere else Space.own_page,
        visibility=Visibility.private if suggested else Visibility.public,
        author=_author(first_of(given.from_id)),
        conversation_id=f"vk:wall_post:{owner}_{number}",
        reposted_id=f"vk:wall_post:{origin.owner_id}_{origin.id}" if origin else None,
        url=f"https://vk.com/wall{owner}_{number}",
    )


def _comment(event: VkEvent, given: VkObject, op: Op, noun: _Noun) -> Said | Refused:
    """A comment; a removal bears who removed it, not who wrote it."""
    on_wall = noun.container == "wall_post"
    under, number = first_of(getattr(given, noun.id_field)), first_of(given.id)
    if number is None or (under is None and not on_wall):
        return shapeless(f"a comment with `id` and `{noun.id_field}`")
    owner = first_of(getattr(given, noun.owner_field), given.owner_id, f"-{event.group_id}")
    place = f"{noun.container}:{owner}_{under}"
    of = f"vk:wall_reply:{owner}_" if on_wall else f"vk:{place}_"
    above = given.parents_stack or ()
    parent = first_of(given.reply_to_comment, *above[-1:])
    return Said(
        op=op,
        id=f"{of}{number}",
        kind=Kind.comment,
        space=noun.space,
        visibility=Visibility.public,
        author=_author(first_of(given.from_id, given.user_id)),
        deleted_by=first_of(given.deleter_id) if op is Op.deleted else None,
        conversation_id=f"vk:{place}" if under else None,
        thread_id=f"{of}{above[0]}" if above else None,
        parent_id=f"{of}{parent}" if parent else None,
        url=f"https://vk.com/wall{owner}_{under}?reply={number}" if on_wall and under else None,
    )


def _worded(said: Said, event: VkEvent, given: VkObject) -> Said:
    """With text, times and counts; `[id1|Anna]` is how VK writes that somebody is named.

    A removal has no time: the event's own id tells the second one from the first.
    """
    text = given.text or transcripts_of(given)
    named = _NAMED.findall(text)
    return msgspec.structs.replace(
        said,
        text=_NAMED.sub(r"\3", text) if named else text,
        mentions=tuple(
            number if kind == "id" else f"-{number}" for kind, number, _ in named[:MANY]
        ),
        attachments=attachments_of(given),
        posted_at=instant(given.date),
        reach=_reach(given),
        occasion=text_of(event.event_id) if said.op in _UNTIMED else None,
    )


def _author(author: str | None) -> Author | None:
    return Author(id=author) if author else None


def _reach(given: VkObject) -> Reach | None:
    counted = (given.likes, given.comments, given.reposts, given.views)
    if not any(counted):
        return None
    likes, replies, reposts, views = (one.count if one else None for one in counted)
    return Reach(likes=likes, replies=replies, reposts=reposts, views=views)
