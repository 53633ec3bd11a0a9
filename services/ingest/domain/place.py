"""Where does a post belong that does not say so? To where the post lies that it speaks of.

Deletions come without their conversation, replies may name only what they answer (P7).
"""

import msgspec

from schemas.posts import SocialPost
from schemas.vocabulary import Op

_CONTENT = frozenset({Op.created, Op.edited})


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation and the thread that a post was seen in, and whose post it was."""

    conversation: str
    thread: str
    author_hash: str | None = None


def place_key(brand: str, post_id: str) -> str:
    """One post can concern two brands; its place is kept for each."""
    return f"{brand}:{post_id}"


def sought(post: SocialPost) -> str | None:
    """Whose place would complete this post, as a key; None where it needs none."""
    if post.conversation_id is not None:
        return None
    mate = post.parent_id if post.op in _CONTENT else post.id
    return place_key(post.brand, mate or post.id)


def placed(post: SocialPost, place: Place) -> SocialPost:
    """The post in that place; a thread of its own that the sender named stays."""
    threadless = post.thread_id in {None, post.id, post.parent_id}
    return msgspec.structs.replace(
        post,
        conversation_id=place.conversation,
        thread_id=place.thread if threadless else post.thread_id,
    )


def alone(post: SocialPost) -> SocialPost:
    """The post in the widest place that it tells of; a poor tombstone stays without one (P7)."""
    if post.op not in _CONTENT or post.conversation_id is not None:
        return post
    widest = post.thread_id or post.parent_id or post.id
    return msgspec.structs.replace(post, conversation_id=widest)


def place_of(post: SocialPost) -> Place | None:
    """What to remember of a post's place."""
    if post.op not in _CONTENT or not post.conversation_id:
        return None
    return Place(
        conversation=post.conversation_id,
        thread=post.thread_id or post.id,
        author_hash=post.author.hash if post.author else None,
    )
