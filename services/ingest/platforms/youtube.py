"""How does YouTube speak? Comments as the Data API lists them, and the feed of new videos."""

from collections.abc import Iterator

import msgspec

from schemas.posts import Author, Reach, SocialPost
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.feed import Entry, entries_of
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.wire import (
    decoded,
    instant,
    items_of,
    shapeless,
    unsupported,
    web,
)
from services.ingest.platforms.words import words_of
from services.ingest.platforms.youtube_payload import Channel, Comment, Resource, Snippet, Top

__all__ = ("handshake", "normalize", "split", "taken", "verify")

_VIDEO = "video"


_RESOURCE = msgspec.json.Decoder(Resource)
_TOP = msgspec.json.Decoder(Top)
_COMMENT = msgspec.json.Decoder(Comment)
_ENTRY = msgspec.json.Decoder(Entry)


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The comments of a page, or the videos of a feed."""
    body = delivery.body
    if body.lstrip()[:1] == b"<":
        return _videos(body)
    page = decoded(body, _RESOURCE)
    if isinstance(page, Refused):
        return (Native(raw=body, refused=page),)
    items = items_of(bytes(page.items)) if page.items else (body,)
    if isinstance(items, Refused):
        return (Native(raw=body, refused=items),)
    return tuple(native for text in items for native in _comments(text))


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that a comment or a video is, or why it is none."""
    if native.event == _VIDEO:
        entry = decoded(native.post, _ENTRY)
        return entry if isinstance(entry, Refused) else post_of(_video(entry), seen)
    found = decoded(native.post, _COMMENT)
    return found if isinstance(found, Refused) else post_of(_said(found), seen)


def _videos(body: bytes) -> tuple[Native, ...]:
    """New videos: WebSub calls for the channel that was subscribed, so it must be one of ours."""
    entries = entries_of(body)
    if isinstance(entries, Refused):
        return (Native(raw=body, refused=entries),)
    return tuple(_video_native(entry) for entry in entries)


def _video_native(entry: Entry) -> Native:
    text = msgspec.json.encode(entry)
    if not (entry.video or (entry.is_gone and entry.id.startswith("yt:video:"))):
        return Native(raw=text, refused=shapeless("the id of a video"))
    return Native(raw=text, post=text, event=_VIDEO, account=entry.channel or None)


def _comments(text: bytes) -> Iterator[Native]:
    found = decoded(text, _RESOURCE)
    if isinstance(found, Refused):
        yield Native(raw=text, refused=found)
    elif found.kind not in {None, "youtube#comment", "youtube#commentThread"}:
        yield Native(raw=text, refused=unsupported("comments or threads"))
    elif b'"topLevelComment"' in bytes(found.snippet):
        yield from _thread(text, found)
    else:
        yield Native(raw=text, post=text)


def _thread(text: bytes, thread: Resource) -> Iterator[Native]:
    """Each comment on its own, with the thread's video."""
    top = decoded(bytes(thread.snippet), _TOP)
    if isinstance(top, Refused):
        yield Native(raw=text, refused=top)
        return
    replies = (thread.replies.comments if thread.replies else None) or ()
    for one in map(bytes, (top.top_level_comment, *replies)):
        comment = decoded(one, _COMMENT)
        if isinstance(comment, Refused):
            yield Native(raw=one, refused=comment)
            continue
        video = comment.snippet.video_id or top.video_id
        snippet = msgspec.structs.replace(comment.snippet, video_id=video)
        placed = msgspec.structs.replace(comment, snippet=snippet)
        yield Native(raw=one, post=msgspec.json.encode(placed))


def _said(comment: Comment) -> Said:
    said, parent = comment.snippet, _parent(comment)
    posted, updated = instant(said.published_at), instant(said.updated_at)
    changed = bool(posted and updated and updated > posted)
    text = words_of(said.text_display or "") if said.text_original is None else said.text_original
    return Said(
        op=Op.edited if changed else Op.created,
        id=f"yt:{comment.id}",
        kind=Kind.reply if parent else Kind.comment,
        space=Space.own_page,
        visibility=Visibility.public,
        text=text,
        author=_author(said),
        conversation_id=f"yt:video:{said.video_id}" if said.video_id else None,
        parent_id=parent,
        posted_at=posted,
        edited_at=updated if changed else None,
        reach=None if said.like_count is None else Reach(likes=said.like_count),
        url=_url(comment),
    )


def _parent(comment: Comment) -> str | None:
    """The top-level comment; a reply's own id begins with it."""
    parent, dot, _ = str(comment.id).partition(".")
    named = comment.snippet.parent_id or (parent if dot else None)
    return f"yt:{named}" if named else None


def _author(said: Snippet) -> Author | None:
    given = said.author_channel_id
    channel = given.value if isinstance(given, Channel) else given
    return Author(id=str(channel), name=said.author_display_name) if channel else None


def _url(comment: Comment) -> str | None:
    video = comment.snippet.video_id
    return f"https://www.youtube.com/watch?v={video}&lc={comment.id}" if video else None


def _video(entry: Entry) -> Said:
    channel = entry.channel
    return Said(
        op=Op.deleted if entry.is_gone else Op.created,
        id=entry.id if entry.is_gone else f"yt:video:{entry.video}",
        kind=Kind.post,
        space=Space.own_page,
        visibility=Visibility.public,
        text=entry.title,
        author=Author(id=channel, name=entry.author, is_brand=True) if channel else None,
        posted_at=entry.published,
        edited_at=None if entry.is_gone else entry.updated,
        event_at=entry.updated,
        url=web(entry.link),
    )
