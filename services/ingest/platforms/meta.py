"""How does Meta speak? One envelope for a page's feed, Messenger and Instagram; batches are usual.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

from datetime import datetime

import msgspec

from schemas.dead_letters import Reason
from schemas.posts import SocialPost
from schemas.vocabulary import Kind, Space
from services.ingest.domain.post import post_of
from services.ingest.domain.receipt import Answer, Delivery, Ignored, Keys, Native, Refused, Seen
from services.ingest.domain.said import Said
from services.ingest.platforms.meta_dialogue import dialogue, page_guessed
from services.ingest.platforms.meta_envelope import events_of
from services.ingest.platforms.meta_payload import (
    FeedValue,
    GraphComment,
    InstagramValue,
    Messaging,
)
from services.ingest.platforms.meta_said import feed, graph, instagram, rating
from services.ingest.platforms.wire import decoded, is_one_of, sha256_of, unsupported

taken: Answer | None = Answer()
"""Anything but 200 is sent again for 36 hours."""

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
    """The changes and messages of every entry, or the comments of an answer."""
    return events_of(delivery.body)


def normalize(native: Native, seen: Seen) -> SocialPost | Ignored | Refused:
    """The post that an event tells of, or why it is none; never raises."""
    said = native.refused or _said(native, seen)
    return post_of(said, seen) if isinstance(said, Said) else said


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
