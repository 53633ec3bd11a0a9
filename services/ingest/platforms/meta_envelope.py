"""What events does a delivery of Meta hold? Each with an envelope of its own, to be kept in."""

from collections.abc import Iterator, Sequence

import msgspec

from services.ingest.domain.receipt import Native, Refused
from services.ingest.platforms.meta_dialogue import page_named
from services.ingest.platforms.meta_payload import Change, Entry, Envelope, Messaging
from services.ingest.platforms.wire import decoded, instant, text_of, unsupported

_GRAPH, _DIALOGUE = "graph", "dialogue"
"""How an event is named that is a comment read, or lies in a dialogue."""

Fields = dict[str, msgspec.Raw]

_TEST_ENTRY = "0"
"""What the dashboard's test button names instead of a page."""

_WITHIN = ("replies", "comments")
"""What the Graph API calls the comments below one."""

_NULL = msgspec.Raw(b"null")
_NO_EVENTS = unsupported("entries with changes or messages")
_ENVELOPE = msgspec.json.Decoder(Envelope)
_PAGE = msgspec.json.Decoder(Envelope | None)
_ENTRY = msgspec.json.Decoder(Entry)
_CHANGE = msgspec.json.Decoder(Change)
_MESSAGING = msgspec.json.Decoder(Messaging)
_FIELDS = msgspec.json.Decoder(Fields)


def events_of(body: bytes) -> tuple[Native, ...]:
    """The changes and messages of every entry, or the comments of an answer of the Graph API."""
    envelope = decoded(body, _ENVELOPE)
    if isinstance(envelope, Refused):
        return (Native(raw=body, refused=envelope),)
    if envelope.data is not None:
        return tuple(_read(envelope.data))
    if envelope.object is None:
        return tuple(_read([msgspec.Raw(body)]))
    entries = envelope.entry or ()
    found = tuple(native for one in entries for native in _entry(envelope.object, one))
    if len(found) == 1:
        return (msgspec.structs.replace(found[0], raw=body),)
    return found or (Native(raw=body, refused=_NO_EVENTS),)


def _read(comments: Sequence[msgspec.Raw]) -> Iterator[Native]:
    """The comments of an answer, each before its replies, which lie within it."""
    waiting: list[tuple[msgspec.Raw, Fields]] = [(one, {}) for one in comments]
    while waiting:
        one, above = waiting.pop(0)
        fields = decoded(bytes(one), _FIELDS)
        if isinstance(fields, Refused):
            yield Native(raw=bytes(one), refused=fields)
            continue
        replies = [decoded(bytes(fields.pop(name, _NULL)), _PAGE) for name in _WITHIN]
        raw = msgspec.json.encode({**above, **fields})
        yield Native(raw=raw, post=raw, event=_GRAPH)
        parent = msgspec.json.encode({"id": fields.get("id", _NULL)})
        below = {"media": fields.get("media", _NULL), "parent": msgspec.Raw(parent)}
        for page in replies:
            if isinstance(page, Refused):
                yield Native(raw=raw, refused=page)
            elif page and page.data:
                waiting += [(reply, below) for reply in page.data]


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
