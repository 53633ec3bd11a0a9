"""Which post is this, which revision, whose? From what a platform said to the one SocialPost."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec

from schemas.event import derive_id
from schemas.posts import Author, Deleter, SocialPost
from schemas.vocabulary import ChannelRole, Op, PostedAtSource, Space
from services.ingest.domain.brands import Account
from services.ingest.domain.receipt import Seen
from services.ingest.domain.redact import redact
from services.ingest.domain.said import Said
from services.ingest.domain.terms import named
from services.ingest.domain.text import LIMIT_BYTES, clean, cut

BACKFILL_AFTER = timedelta(days=1)
"""A post seen so long after it was written is a backfill."""

_MARGIN = 1024
"""Bytes beyond the limit that are still redacted, so that the cut splits no number."""

MANY = 100
"""How many addresses, mentions or attachments a post may carry."""

_URL = re.compile(r"https?://[^\s<>\"')\]]{1,2000}")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = timedelta(days=1)


class _Words(msgspec.Struct, frozen=True, kw_only=True):
    text: str = ""
    truncated: bool = False
    title: str = ""
    redactions: tuple[str, ...] = ()


def post_of(said: Said, seen: Seen) -> SocialPost:
    """The post; the same words at the same account give the same ids whenever they come."""
    return _post(_believed(said, seen.received_at), seen)


def _post(said: Said, seen: Seen) -> SocialPost:
    account, words = seen.account, _words(said)
    return SocialPost(
        event_id=event_id(said, account),
        occurred_at=_event_time(said) or said.posted_at or seen.received_at,
        op=said.op,
        id=said.id,
        revision=revision(said, seen.received_at),
        brand=account.brand,
        source=account.source,
        account=account.id,
        conversation_id=_conversation(said),
        thread_id=_thread(said),
        parent_id=said.parent_id,
        root_id=said.root_id,
        quoted_id=said.quoted_id,
        reposted_id=said.reposted_id,
        kind=said.kind,
        space=said.space,
        channel_role=ChannelRole(account.channel_role),
        visibility=said.visibility,
        author=_author(said, seen),
        text=words.text,
        truncated=words.truncated,
        title=words.title or None,
        lang=said.lang,
        attachments=said.attachments,
        mentions=said.mentions,
        urls=said.urls or tuple(dict.fromkeys(_URL.findall(words.text)))[:MANY],
        rating=said.rating,
        reach=said.reach,
        url=said.url,
        posted_at=said.posted_at,
        seen_as=said.seen_as,
        posted_at_source=said.posted_at_source if said.posted_at else PostedAtSource.received,
        received_at=seen.received_at,
        backfill=seen.backfill or _late(said, seen.received_at),
        deleted_by=_deleter(said.deleted_by, account),
        redactions=words.redactions,
        brand_terms=named(f"{words.title} {words.text}", account.terms),
    )


def event_id(said: Said, account: Account) -> str:
    """Source, account, id, op, revision key and event time (contracts.md); receipt has no part."""
    at = _event_time(said)
    key = said.edited_at.astimezone(UTC).isoformat() if said.edited_at else _content_hash(said)
    when = at.astimezone(UTC).isoformat() if at else said.occasion or ""
    return derive_id(f"{account.source}:{account.id}:{said.id}", "SocialPost", said.op, key, when)


def revision(said: Said, received_at: datetime) -> int:
    """Milliseconds of the latest time that the platform gives, else of the receipt.

    An edit of unknown time counts from its receipt: by ``posted_at`` it would lose to the original.
    """
    if said.op is Op.created:
        at = said.edited_at or said.posted_at or received_at
    else:
        happened = _event_time(said) or received_at
        at = max(at for at in (happened, said.edited_at, said.posted_at) if at)
    return int(at.timestamp() * 1000)


def _event_time(said: Said) -> datetime | None:
    """When it happened; what an envelope says of a new post is no time of the platform."""
    if said.op is Op.created:
        return said.posted_at if said.posted_at_source is PostedAtSource.platform else None
    if said.op is Op.edited:
        return said.edited_at or said.event_at
    return said.event_at


def _content_hash(said: Said) -> str:
    parts = [clean(said.text), *(f"{one.kind} {one.url}" for one in said.attachments)]
    if said.op is Op.engagement:
        parts.append(repr(said.reach))
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _believed(said: Said, received_at: datetime) -> Said:
    """Without times that cannot be: before the networks, or a day and more ahead of us."""
    doubtful = {
        name: None
        for name in ("posted_at", "edited_at", "event_at")
        if (at := getattr(said, name)) and not _EARLIEST <= at <= received_at + _LATEST
    }
    return msgspec.structs.replace(said, **doubtful)


def _words(said: Said) -> _Words:
    """What may be shown; a tombstone repeats no text."""
    if said.op is Op.deleted:
        return _Words()
    given, in_text = redact(cut(clean(said.text), LIMIT_BYTES + _MARGIN)[0])
    title, in_title = redact(clean(said.title or ""))
    text, truncated = cut(given)
    found = tuple(dict.fromkeys((*in_text, *in_title)))
    return _Words(text=text, truncated=truncated, title=title, redactions=found)


def _conversation(said: Said) -> str | None:
    """The container as told, else of what stands alone itself; null asks for its place (P7)."""
    told = said.conversation_id or said.root_id
    alone = not (told or said.thread_id or said.parent_id)
    return said.id if alone and said.op in {Op.created, Op.edited} else told


def _thread(said: Said) -> str | None:
    """The private dialogue, the single review, the top-level comment; a reply shares its parent's.

    A reply to the container itself starts a thread; deeper trees need the sender's ``thread_id``.
    """
    if said.thread_id:
        return said.thread_id
    if said.space is Space.dm:
        return said.conversation_id or said.root_id or said.parent_id or said.id
    if said.parent_id and said.parent_id not in {said.conversation_id, said.root_id}:
        return said.parent_id
    return said.id


def _author(said: Said, seen: Seen) -> Author | None:
    """Whose it is: by configured ids, or where only the account's owner can have written."""
    author, account = said.author, seen.account
    if author is None:
        return None
    bot = author.id in account.bot_ids
    own = author.is_brand or bot or author.id in account.own_ids
    listed = account.people.get(author.id, ())
    roles = {person.role for person in listed if seen.received_at < person.until}
    return msgspec.structs.replace(
        author,
        is_brand=own,
        is_bot=bot or None,
        is_vip="vip" in roles or None,
        is_press="press" in roles or None,
    )


def _deleter(deleter: str | None, account: Account) -> Deleter | None:
    if deleter is None:
        return None
    return Deleter(id=deleter, is_brand=deleter in account.own_ids | account.bot_ids)


def _late(said: Said, received_at: datetime) -> bool:
    return said.posted_at is not None and received_at - said.posted_at > BACKFILL_AFTER
