"""What does a change at a page or an account of Meta say in our words? Posts, comments, ratings."""

import re

from msgspec.structs import replace

from schemas.posts import Attachment, Author, Reach
from schemas.vocabulary import Kind, Op, PostedAtSource, Space, Visibility
from services.ingest.domain.post import MANY
from services.ingest.domain.receipt import Ignored, Native, Refused
from services.ingest.domain.said import Said
from services.ingest.platforms.meta_payload import (
    FeedValue,
    GraphAttachment,
    GraphComment,
    Holder,
    InstagramValue,
    Party,
)
from services.ingest.platforms.wire import MaybeId, instant, shapeless, text_of, unsupported, web

_OPS = {
    "add": Op.created,
    "edit": Op.edited,
    "edited": Op.edited,
    "update": Op.edited,
    "remove": Op.deleted,
    "delete": Op.deleted,
    "hide": Op.hidden,
    "unhide": Op.unhidden,
}
_POSTS = frozenset(
    {
        "post", "status", "photo", "video", "share", "link", "album", "photo-album", "note",
        "picture", "event",
    }
)  # fmt: skip
_KINDS = {"share": Kind.repost}
_STARS = range(1, 6)
_NO_POSTS = frozenset({"reaction", "like", "follow", "connection", "profile", "poke", "tag"})
_PAGE = re.compile(r"facebook\.com/(\d+)/")


def feed(given: FeedValue, native: Native, space: Space) -> Said | Ignored | Refused:
    """A post or comment at the page, or one elsewhere that mentions it: ``space`` says which."""
    op, commented = _OPS.get(given.verb), given.item == "comment"
    if given.item in _NO_POSTS:
        return Ignored(why="no post")
    if op is None or not (commented or given.item in _POSTS):
        return unsupported("a known item and verb")
    post, own = _fb(given.post_id), _fb(given.comment_id if commented else given.post_id)
    if own is None:
        return shapeless("a post with `post_id` or a comment with `comment_id`")
    kind = Kind.comment if commented else _KINDS.get(given.item, Kind.post)
    said = Said(
        op=op,
        id=own,
        kind=Kind.mention if space is Space.mention else kind,
        space=space,
        visibility=Visibility.public,
        text=given.message or "",
        conversation_id=post,
        parent_id=_fb(given.parent_id),
        attachments=_attachments(given),
        url=web(given.permalink_url),
    )
    return _timed(said, _sender(given), given, native)


def rating(given: FeedValue, native: Native) -> Said | Ignored | Refused:
    """A review of the page, or a comment on one; a recommendation counts no stars."""
    op, story = _OPS.get(given.verb), text_of(given.open_graph_story_id)
    if given.item in _NO_POSTS:
        return Ignored(why="no post")
    if op is None or given.item not in {"rating", "comment"}:
        return unsupported("a rating or a comment on one")
    review = f"fb:story:{story}" if story else None
    own = review if given.item == "rating" else _fb(given.comment_id)
    if own is None:
        return shapeless("a rating with `open_graph_story_id` or a comment with `comment_id`")
    by_itself = own == review
    said = Said(
        op=op,
        id=own,
        kind=Kind.review if by_itself else Kind.comment,
        space=Space.review,
        visibility=Visibility.public,
        text=given.review_text or given.message or "",
        rating=given.rating if given.rating in _STARS else None,
        conversation_id=review or _fb(given.post_id),
        thread_id=review,
        parent_id=None if by_itself else review or _fb(given.parent_id),
    )
    reviewer = Party(id=given.reviewer_id, name=given.reviewer_name)
    who = reviewer if by_itself and given.reviewer_id else _sender(given)
    return _timed(said, who, given, native)


def instagram(given: InstagramValue, native: Native, kind: Kind) -> Said | Refused:
    """A comment, or something that mentions the account: of that only the ids are told."""
    own, media = _ig(given.id or given.comment_id or given.media_id), given.media or Holder()
    if own is None:
        return shapeless("a comment with `id`, or a mention with `comment_id` or `media_id`")
    return Said(
        op=Op.created,
        id=own,
        kind=kind,
        space=Space.mention if kind is Kind.mention else Space.own_page,
        visibility=Visibility.public,
        text=given.text or "",
        author=_author(given.from_),
        conversation_id=_ig(media.id or given.media_id),
        parent_id=_ig(given.parent_id),
        posted_at=native.at,
        posted_at_source=PostedAtSource.envelope,
    )


def graph(given: GraphComment) -> Said | Refused:
    """A comment as the Graph API shows it: Facebook's under its post, Instagram's by its own id."""
    at = instant(given.created_time) or instant(given.timestamp)
    if at is None:
        return shapeless("a comment with `created_time` or `timestamp`")
    prefix = "ig" if given.timestamp else "fb"
    page = _PAGE.search(given.permalink_url or "")
    post = str(given.id).rpartition("_")[0]
    container = f"{page[1]}_{post}" if page and post else post or (given.media and given.media.id)
    parent = text_of(given.parent.id) if given.parent else None
    return Said(
        op=Op.created,
        id=f"{prefix}:{given.id}",
        kind=Kind.comment,
        space=Space.own_page,
        visibility=Visibility.public,
        text=given.message or given.text or "",
        author=_author(given.from_ or given.user),
        conversation_id=f"{prefix}:{container}" if container else None,
        parent_id=f"{prefix}:{parent}" if parent else None,
        posted_at=at,
        attachments=(_attached(given.attachment),) if given.attachment else (),
        reach=_reach(given),
        url=web(given.permalink_url),
    )


def _timed(said: Said, who: Party, given: FeedValue, native: Native) -> Said:
    """With who and when; beyond the creation ``created_time`` is the event's, if it is there.

    Of a removal ``from`` is the remover; of hiding and showing nobody says who is named.
    """
    author = _author(who)
    match said.op:
        case Op.created:
            at = instant(given.created_time)
            source = PostedAtSource.platform if at else PostedAtSource.envelope
            return replace(said, author=author, posted_at=at or native.at, posted_at_source=source)
        case Op.edited:
            at = native.at or instant(given.created_time)
            return replace(said, author=author, edited_at=at)
        case Op.deleted:
            return replace(said, deleted_by=author.id if author else None, event_at=native.at)
        case _:
            return replace(said, event_at=native.at)


def _sender(given: FeedValue) -> Party:
    named = given.from_ or Party()
    return Party(id=named.id or given.sender_id, name=named.name or given.sender_name)


def _author(given: Party | None) -> Author | None:
    own = text_of(given.id) if given else None
    return Author(id=own, name=given.name, handle=given.username) if given and own else None


def _attachments(given: FeedValue) -> tuple[Attachment, ...]:
    linked = given.item if given.item in {"photo", "video"} else "link"
    photos = given.photos or ((given.photo,) if given.photo else ())
    found = [*(("photo", url) for url in photos), ("video", given.video), (linked, given.link)]
    return tuple(Attachment(kind=kind, url=web(url)) for kind, url in found if url)[:MANY]


def _attached(given: GraphAttachment) -> Attachment:
    picture = given.media.image if given.media else None
    return Attachment(kind=given.type, url=web(picture.src if picture else given.url))


def _reach(given: GraphComment) -> Reach | None:
    if given.like_count is None and given.comment_count is None:
        return None
    return Reach(likes=given.like_count, replies=given.comment_count)


def _fb(given: MaybeId) -> str | None:
    own = text_of(given)
    return f"fb:{own}" if own else None


def _ig(given: MaybeId) -> str | None:
    own = text_of(given)
    return f"ig:{own}" if own else None
