"""How does Meta speak? One envelope for a page's feed, Messenger and Instagram; batches are usual.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from schemas.dead_letters import Reason
from schemas.posts import SocialPost
from schemas.vocabulary import Kind, Space
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.meta_dialogue import dialogue, page_guessed, page_named
from services.ingest.platforms.meta_payload import (
    Change,
    Entry,
    Envelope,
    FeedValue,
    GraphComment,
    InstagramValue,
    Messaging,
)
from services.ingest.platforms.meta_said import feed, graph, instagram, rating
from services.ingest.platforms.wire import (
    decoded,
    instant,
    is_one_of,
    sha256_of,
    text_of,
    unsupported,
)

taken: Answer | None = Answer()
"""Anything but 200 is sent again for 36 hours."""

_GRAPH, _DIALOGUE = "graph", "dialogue"
_TEST_ENTRY = "0"
"""What the dashboard's test button names instead of a page."""

_NO_MESSAGES = frozenset(
    {
        "reaction", "read", "delivery", "postback", "optin", "referral", "account_linking",
        "policy_enforcement", "pass_thread_control", "take_thread_control", "app_roles",
        "request_thread_control", "game_play", "response_feedback", "typing",
    }
)  # fmt: skip

_OTHER_PAGE = Refused(
    reason=Reason.unknown_account, detail="expected a side that is one of our pages, got others"
)
_NO_EVENTS = unsupported("entries with changes or messages")
_ENVELOPE = msgspec.json.Decoder(Envelope)
_ENTRY = msgspec.json.Decoder(Entry)
_CHANGE = msgspec.json.Decoder(Change)
_FEED = msgspec.json.Decoder(FeedValue)
_INSTAGRAM = msgspec.json.Decoder(InstagramValue)
_GRAPH_COMMENT = msgspec.json.Decoder(GraphComment)
_MESSAGING = msgspec.json.Decoder(Messaging)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def verify(delivery: Delivery, keys: Keys, now: datetime) -> bool:
    """Does a live app secret sign the bytes as they came? SHA-1 is sent too, and is not enough."""
    given = delivery.headers.get("x-hub-signature-256", "")
    signed = [f"sha256={sha256_of(one, delivery.body).hex()}" for one in keys.secrets if one]
    return is_one_of(given, signed)


def handshake(delivery: Delivery, keys: Keys) -> Answer | None:
    """The challenge of a subscription that knows our verify token."""
    query = delivery.query
    if query.get("hub.mode") != "subscribe" or delivery.body:
        return None
    if not is_one_of(query.get("hub.verify_token", ""), [keys.handshake or ""]):
        return Answer(status=403)
    challenge = query.get("hub.challenge", "").encode("utf-8", "replace")
    return Answer(body=challenge, media_type="text/plain")


def split(delivery: Delivery) -> tuple[Native, ...]:
    """The changes and messages of every entry, each with an envelope of its own to be kept in."""
    body = delivery.body
    envelope = decoded(body, _ENVELOPE)
    if isinstance(envelope, Refused):
        return (Native(raw=body, refused=envelope),)
    if envelope.data is not None:
        items = [bytes(one) for one in envelope.data]
        return tuple(Native(raw=one, post=one, event=_GRAPH) for one in items)
    if envelope.object is None:
        return (Native(raw=body, post=body, event=_GRAPH),)
    entries = envelope.entry or ()
    found = tuple(native for one in entries for native in _entry(envelope.object, one))
    if len(found) == 1:
        return (msgspec.structs.replace(found[0], raw=body),)
    return found or (Native(raw=body, refused=_NO_EVENTS),)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that an event tells of, or why it is none; never raises."""
    said = native.refused or _said(native, seen)
    return post_of(said, seen) if isinstance(said, Said) else said


def _entry(kind: str, one: msgspec.Raw) -> Iterator[Native]:
    entry = decoded(bytes(one), _ENTRY)
    if isinstance(entry, Refused):
        yield Native(raw=_enveloped(kind, one), refused=entry)
        return
    for name in ("changes", "messaging", "standby"):
        for event in getattr(entry, name) or ():
            raw = _enveloped(kind, {"id": entry.id, "time": entry.time, name: [event]})
            found = _changed(kind, entry, event) if name == "changes" else _sent(kind, entry, event)
            yield msgspec.structs.replace(found, raw=raw)
    if not entry.changes and not entry.messaging and not entry.standby:
        yield Native(raw=_enveloped(kind, one), refused=_NO_EVENTS)


def _enveloped(kind: str, entry: object) -> bytes:
    return msgspec.json.encode({"object": kind, "entry": [entry]})


def _changed(kind: str, entry: Entry, one: msgspec.Raw) -> Native:
    change = decoded(bytes(one), _CHANGE)
    if isinstance(change, Refused):
        return Native(raw=b"", refused=change)
    if change.field.startswith("messag") or change.field == "standby":
        return _sent(kind, entry, change.value)
    page = text_of(entry.id)
    return Native(
        raw=b"",
        post=bytes(change.value),
        event=f"{kind}/{change.field}",
        at=instant(entry.time),
        account=None if page == _TEST_ENTRY else page,
    )


def _sent(kind: str, entry: Entry, one: msgspec.Raw) -> Native:
    given = decoded(bytes(one), _MESSAGING)
    if isinstance(given, Refused):
        return Native(raw=b"", refused=given)
    event = f"{kind}/{_DIALOGUE}/{text_of(entry.id) or ''}"
    return Native(raw=b"", post=bytes(one), event=event, account=page_named(given, entry.id))


def _said(native: Native, seen: Seen) -> Said | Ignored | Refused:
    match (native.event or "").split("/"):
        case ["graph"]:
            comment = decoded(native.post, _GRAPH_COMMENT)
            return comment if isinstance(comment, Refused) else graph(comment)
        case ["page" | "instagram" as kind, "dialogue", *entry]:
            return _message(native, seen, "igm" if kind == "instagram" else "fbm", "/".join(entry))
        case ["page", "feed" | "mention" | "ratings" as field]:
            return _at_page(native, field)
        case ["instagram", "comments" | "live_comments" | "mentions" as field]:
            value = decoded(native.post, _INSTAGRAM)
            if isinstance(value, Refused):
                return value
            return instagram(value, native, Kind.mention if field == "mentions" else Kind.comment)
        case _:
            return unsupported("a known object and field")


def _at_page(native: Native, field: str) -> Said | Ignored | Refused:
    value = decoded(native.post, _FEED)
    if isinstance(value, Refused):
        return value
    if field == "ratings":
        return rating(value, native)
    return feed(value, native, Space.mention if field == "mention" else Space.own_page)


def _message(native: Native, seen: Seen, prefix: str, entry: str) -> Said | Ignored | Refused:
    given = decoded(native.post, _MESSAGING)
    if isinstance(given, Refused):
        return given
    if given.message or given.message_edit:
        page = native.account or page_guessed(given, entry, seen.account.own_ids)
        return dialogue(given, page, prefix) if page else _OTHER_PAGE
    fields = decoded(native.post, _FIELDS)
    if isinstance(fields, dict) and fields.keys() & _NO_MESSAGES:
        return Ignored(why="no message")
    return unsupported("a message or its edit")
