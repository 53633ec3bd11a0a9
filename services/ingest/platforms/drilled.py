"""What does a drill say? Posts that nobody wrote, of our own making, marked as such.

It is no source of ``brands.yaml``: only the admin API hands such posts in, so no webhook can set
the mark, and none can take it away.
"""

import msgspec

from schemas.posts import Author, SocialPost
from schemas.vocabulary import Kind, Op, PostedAtSource, Space, Visibility
from services.ingest.domain.drill import DrilledPost
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.polled import handshake, taken, verify
from services.ingest.platforms.wire import decoded

__all__ = ("handshake", "normalize", "split", "taken", "verify")

_DECODER = msgspec.json.Decoder(DrilledPost)


def split(delivery: Delivery) -> tuple[Native, ...]:
    """One post a request."""
    return (Native(raw=delivery.body, post=delivery.body),)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The marked post, in a conversation of the drill's own; never raises."""
    one = decoded(native.post, _DECODER)
    if isinstance(one, Refused):
        return one
    return msgspec.structs.replace(post_of(_said(one), seen), drill=one.drill)


def _said(one: DrilledPost) -> Said:
    conversation = f"drill:{one.drill}"
    return Said(
        op=Op.created,
        id=f"{conversation}:{one.number}",
        kind=Kind.comment,
        space=Space.own_page,
        visibility=Visibility.public,
        text=one.text,
        lang=one.lang,
        author=Author(id=f"{conversation}:{one.number}"),
        conversation_id=conversation,
        parent_id=conversation,
        posted_at_source=PostedAtSource.received,
    )
