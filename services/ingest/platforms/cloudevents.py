"""What does a CloudEvent say? CloudEvents 1.0 around a post, in binary, structured and batch mode.

The post is one of our own format, or any object with a ``text``. It is named after the event, or
by its own ``id`` where it has one, so that a later event can say what became of it.
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import unquote_to_bytes

import msgspec

from schemas.event import Instant
from services.ingest.domain.receipt import Native, Refused
from services.ingest.domain.text import decodable
from services.ingest.platforms.wire import MaybeId, decoded, not_json, shapeless

MEDIA_TYPE = "application/cloudevents"
"""What a structured or batched event is sent as begins with this."""

NEEDED = ("specversion", "id", "source", "type")
"""Without these an event is none; an ``id`` is never invented, or each repeat were another post."""

_KEPT = (*NEEDED, "time", "subject")
_LOOSE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_POST = re.compile(r"(?:social\.)?post\.")

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The attributes that we read; extensions are ignored."""

    specversion: Literal["1.0"]
    id: Text
    source: Text
    type: Text
    time: Instant | None = None
    data: msgspec.Raw = msgspec.Raw()
    data_base64: str | None = None


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """What of a post names posts, and what it may say."""

    id: MaybeId = None
    conversation_id: MaybeId = None
    thread_id: MaybeId = None
    parent_id: MaybeId = None
    root_id: MaybeId = None
    quoted_id: MaybeId = None
    reposted_id: MaybeId = None
    op: object = None
    text: object = None
    title: object = None
    attachments: object = None


_EVENT = msgspec.json.Decoder(CloudEvent)
_DATA = msgspec.json.Decoder(Data)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY = msgspec.json.Decoder(msgspec.Raw)
_NAMES = tuple(name for name in Data.__struct_fields__ if name.endswith("id"))


def is_binary(headers: Mapping[str, str]) -> bool:
    """Do the attributes stand in the headers? A content type of CloudEvents says no."""
    structured = headers.get("content-type", "").lower().startswith(MEDIA_TYPE)
    return not structured and any(f"ce-{name}" in headers for name in NEEDED)


def binary(headers: Mapping[str, str], body: bytes) -> Native:
    """The event whose attributes stand in the headers; it is kept as a structured one."""
    given = {name[3:]: value for name, value in headers.items() if name.startswith("ce-")}
    plain = {name: unescaped(value) for name, value in given.items()}
    for name, value in plain.items():
        if value is None:
            return Native(raw=body, refused=shapeless(f"UTF-8, percent-encoded, in ce-{name[:32]}"))
    data = decoded(body or b"null", _ANY)
    if isinstance(data, Refused):
        return Native(raw=body, refused=data)
    kept = {name: plain[name] for name in _KEPT if name in plain}
    return structured(msgspec.json.encode({**kept, "data": data}))


def structured(text: bytes) -> Native:
    """The event in JSON as one of our own format."""
    event = decoded(text, _EVENT)
    if isinstance(event, Refused):
        return Native(raw=text, refused=event)
    post = _post(event)
    if isinstance(post, Refused):
        return Native(raw=text, refused=post)
    about = event.type if _POST.match(event.type) else None
    return Native(raw=text, post=post, event=about, at=event.time)


def unescaped(value: str) -> str | None:
    """A header's value; None where it is not what the binding wants: overlong forms, bare bytes."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    if not value.isascii() or _LOOSE_PERCENT.search(value):
        return None
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError:
        return None


def _post(event: CloudEvent) -> bytes | Refused:
    text = _data(event)
    if isinstance(text, Refused):
        return text
    data, fields = decoded(text, _DATA), decoded(text, _FIELDS)
    if isinstance(data, Refused):
        return data
    if isinstance(fields, Refused):
        return fields
    if not _says(event, data):
        return shapeless("a text in data")
    names = {name: f"ce:{event.source}#{one}" for name in _NAMES if (one := getattr(data, name))}
    return msgspec.json.encode({**fields, "id": f"ce:{event.source}#{event.id}", **names})


def _data(event: CloudEvent) -> bytes | Refused:
    if event.data_base64 is None:
        return decodable(bytes(event.data)) or b"null"
    try:
        return decodable(base64.b64decode(event.data_base64, validate=True))
    except (binascii.Error, ValueError):
        return not_json("data_base64 is no base64")


def _says(event: CloudEvent, data: Data) -> bool:
    """Is there something to read? What became of an earlier post needs no text."""
    is_told = bool(_POST.match(event.type) or data.op) and data.id is not None
    return is_told or bool(data.text or data.title or data.attachments)
