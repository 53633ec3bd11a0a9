"""What became of one event of a request, and how is it kept? A post, a dead letter, raw only."""

from collections.abc import Iterator
from hashlib import sha256

import msgspec

from schemas.dead_letters import DeadLetter
from schemas.event import CANARY, Headers, derive_id
from schemas.posts import RawReference, SocialPost, conversation_key
from services.ingest.domain.place import Place, alone, place_key, place_of, placed, sought
from services.ingest.domain.receipt import Ignored, Native, Refused, Seen

RAW_BYTES = 921_600
"""How much of a payload one record keeps: with its headers it must fit the broker's 1 MiB (P8)."""

LETTER_BYTES = 614_400
"""What is larger a dead letter leaves in the raw record that it names: in JSON it grows by 4/3."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One event with what it is; ``event_id`` is the post's, or the dead letter's to be.

    Of what is ignored nothing is kept, neither raw: a reaction, a private message, somebody
    who asked to be forgotten.
    """

    native: Native
    seen: Seen
    outcome: SocialPost | Ignored | Refused
    event_id: str

    @property
    def is_kept(self) -> bool:
        """Is it written down at all?"""
        return not isinstance(self.outcome, Ignored)

    @property
    def is_drilled(self) -> bool:
        """Did a drill make it up? Then no source was heard."""
        return isinstance(self.outcome, SocialPost) and self.outcome.drill is not None

    @property
    def is_canary(self) -> bool:
        """Is it our own post that watches the pipeline? Then it is no business either."""
        return self.seen.account.brand == CANARY

    @property
    def key(self) -> str:
        """What partition it goes to: the conversation's, for a dead letter its own."""
        if isinstance(self.outcome, SocialPost):
            return conversation_key(self.outcome)
        return self.raw_key

    @property
    def raw_key(self) -> str:
        """The key of the raw record: source, account and conversation (design 2)."""
        account, outcome = self.seen.account, self.outcome
        where = self.event_id
        if isinstance(outcome, SocialPost):
            where = conversation_key(outcome).removeprefix(f"{outcome.brand}:")
        return f"{account.source}:{account.id}:{where}"

    @property
    def raw_headers(self) -> Headers:
        """CloudEvents headers of the raw record; nothing of the request's own headers."""
        account, at = self.seen.account, self.seen.received_at.isoformat()
        return (
            ("ce_specversion", b"1.0"),
            ("ce_id", derive_id(self.event_id, "raw").encode()),
            ("ce_type", b"raw"),
            ("ce_source", f"/otklik/ingest/{account.source}/{account.id}".encode()),
            ("ce_time", at.replace("+00:00", "Z").encode()),
            ("ce_subject", self.raw_key.encode()),
            ("content-type", b"application/json"),
            ("otklik_brand", account.brand.encode()),
            ("otklik_bytes", str(len(self.native.raw)).encode()),
        )


def finding_of(native: Native, outcome: SocialPost | Ignored | Refused, seen: Seen) -> Finding:
    """The finding; the same bytes at the same account give the same id."""
    if isinstance(outcome, SocialPost):
        event_id = outcome.event_id
    else:
        reason = outcome.reason if isinstance(outcome, Refused) else "ignored"
        where = f"{seen.account.source}:{seen.account.id}:{sha256(native.raw).hexdigest()}"
        event_id = derive_id(where, "DeadLetter", "ingest", reason, native.row or "")
    return Finding(native=native, seen=seen, outcome=outcome, event_id=event_id)


def sought_by(finding: Finding) -> str | None:
    """Whose place would complete what was found, as a key."""
    return sought(finding.outcome) if isinstance(finding.outcome, SocialPost) else None


def places_of(finding: Finding) -> Iterator[tuple[str, Place]]:
    """The place of what was found, by its key, where it tells one."""
    post = finding.outcome
    if isinstance(post, SocialPost) and (place := place_of(post)):
        yield place_key(post.brand, post.id), place


def in_place(finding: Finding, place: Place | None) -> Finding:
    """The finding, completed by that place or without one."""
    post = finding.outcome
    if not isinstance(post, SocialPost) or post.conversation_id is not None:
        return finding
    return msgspec.structs.replace(finding, outcome=placed(post, place) if place else alone(post))


def event_of(finding: Finding, kept: RawReference, version: str) -> SocialPost | DeadLetter:
    """The event to publish, with the place of its raw record; never asked of what is ignored."""
    match finding.outcome:
        case SocialPost() as post:
            return msgspec.structs.replace(post, raw=kept)
        case Refused() as refused:
            return _letter(finding, refused, kept, version)
        case Ignored():
            raise AssertionError("nothing is kept of what is ignored")


def _letter(finding: Finding, refused: Refused, kept: RawReference, version: str) -> DeadLetter:
    raw, seen = finding.native.raw, finding.seen
    return DeadLetter(
        event_id=finding.event_id,
        occurred_at=seen.received_at,
        topic=kept.topic,
        partition=kept.partition,
        offset=kept.offset,
        timestamp_ms=int(seen.received_at.timestamp() * 1000),
        key=finding.raw_key.encode(),
        headers=finding.raw_headers,
        value=raw if len(raw) <= LETTER_BYTES else None,
        reason=refused.reason,
        detail=refused.detail,
        service="ingest",
        version=version,
    )
