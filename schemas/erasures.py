"""Who asked to be forgotten?"""

from schemas.event import Event, Instant


class AuthorErased(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """Every store forgets this author; the hash is keyed, the receipt is the requester's proof."""

    author_hash: str
    sources: tuple[str, ...]
    requested_at: Instant
    receipt_id: str
