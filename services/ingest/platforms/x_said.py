"""What does a post of X say in our words? An edit keeps its first id, a deletion ends them all."""

from collections.abc import Collection
from datetime import datetime

from schemas.posts import Attachment, Author, Reach
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import MANY
from services.ingest.domain.said import Said
from services.ingest.platforms.wire import MaybeId, instant, text_of, web
from services.ingest.platforms.x_payload import (
    Entities,
    Includes,
    LegacyDelete,
    Told,
    XPost,
    XUser,
)

_KINDS = {"retweeted": Kind.repost, "replied_to": Kind.reply, "quoted": Kind.quote}
_EVENTS = {
    "mention": Kind.mention,
    "quote": Kind.quote,
    "reply": Kind.reply,
    "repost": Kind.repost,
}
_EPOCH_MS = 1288834974657
_SEQUENTIAL_UNTIL = 1 << 40
"""Below, an id is a number in a row and holds no time."""


def told(given: Told, event: str, own_ids: Collection[str]) -> Said:
    """A post as it is now; ``event`` is what it was delivered as."""
    post, includes = given.payload, given.includes or Includes()
    first, entities = _first(post), post.entities or Entities()
    edited = str(post.id) != first
    quoted, answered, repeated = (
        _x(next((one.id for one in post.referenced_tweets or () if one.type == kind), None))
        for kind in ("quoted", "replied_to", "retweeted")
    )
    written = instant(post.created_at)
    own = {text_of(post.author_id), text_of(post.in_reply_to_user_id)} & {*own_ids}
    return Said(
        op=Op.edited if edited else Op.created,
        id=f"x:{first}",
        kind=_kind(post, event),
        space=Space.own_page if own else Space.mention,
        visibility=Visibility.public,
        text=_text(post),
        author=_author(post, includes),
        conversation_id=_x(post.conversation_id),
        thread_id=_x(post.conversation_id),
        root_id=_x(post.conversation_id),
        parent_id=answered,
        quoted_id=quoted,
        reposted_id=repeated,
        posted_at=_born(first) if edited else written or _born(first),
        edited_at=_born(str(post.id)) if edited else None,
        attachments=_attachments(post, includes),
        mentions=tuple(
            name
            for one in entities.mentions or ()
            for name in (one.username, text_of(one.id))
            if name
        )[:MANY],
        urls=tuple(url for one in entities.urls or () if (url := web(one.expanded_url)))[:MANY],
        reach=_reach(post),
        url=f"https://x.com/i/status/{post.id}",
        lang=None if post.lang == "und" else post.lang,
    )


def deleted(given: Told) -> Said:
    """The end of a post; X tells of it only to whom it was subscribed."""
    post = given.payload
    author = _author(post, given.includes or Includes())
    return _gone(_first(post), author, at=None)


def legacy_deleted(given: LegacyDelete) -> Said:
    """The end of a post as the Account Activity API tells it, with its time."""
    user = text_of(given.status.user_id)
    author = Author(id=user) if user else None
    return _gone(str(given.status.id), author, at=instant(given.timestamp_ms))


def _gone(post_id: str, author: Author | None, *, at: datetime | None) -> Said:
    return Said(
        op=Op.deleted,
        id=f"x:{post_id}",
        kind=Kind.post,
        space=Space.own_page,
        visibility=Visibility.public,
        author=author,
        deleted_by=author.id if author else None,
        event_at=at,
    )


def _first(post: XPost) -> str:
    return str(post.edit_history_tweet_ids[0] if post.edit_history_tweet_ids else post.id)


def _born(post_id: str) -> datetime | None:
    """When an id was given out: since 2010 its upper bits are milliseconds."""
    if not post_id.isdecimal() or len(post_id) > 20 or int(post_id) < _SEQUENTIAL_UNTIL:
        return None
    return instant((int(post_id) >> 22) + _EPOCH_MS)


def _kind(post: XPost, event: str) -> Kind:
    types = {one.type for one in post.referenced_tweets or ()}
    named = next((kind for name, kind in _KINDS.items() if name in types), None)
    return named or next((_EVENTS[part] for part in event.split(".") if part in _EVENTS), Kind.post)


def _text(post: XPost) -> str:
    """The whole of a long post, without the three escapes that X adds."""
    text = (post.note_tweet.text if post.note_tweet else None) or post.text or ""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _author(post: XPost, includes: Includes) -> Author | None:
    author_id = text_of(post.author_id)
    if author_id is None:
        return None
    users = [one.data or one for one in includes.users or ()]
    user = next((one for one in users if text_of(one.id) == author_id), XUser())
    return Author(
        id=author_id,
        handle=user.username,
        name=user.name,
        followers=user.public_metrics.followers_count if user.public_metrics else None,
        verified=user.verified,
    )


def _attachments(post: XPost, includes: Includes) -> tuple[Attachment, ...]:
    keys = (post.attachments.media_keys if post.attachments else None) or ()
    media = {one.media_key: one for one in includes.media or ()}
    known = [(key, media.get(key)) for key in keys[:MANY]]
    return tuple(
        Attachment(kind=one.type, url=web(one.url or one.preview_image_url))
        if one
        else Attachment(kind="media")
        for _, one in known
    )


def _reach(post: XPost) -> Reach | None:
    counts = post.public_metrics
    if counts is None:
        return None
    return Reach(
        likes=counts.like_count,
        replies=counts.reply_count,
        reposts=counts.retweet_count,
        views=counts.impression_count,
    )


def _x(given: MaybeId) -> str | None:
    own = text_of(given)
    return f"x:{own}" if own else None
