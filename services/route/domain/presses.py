"""What does a provider say when somebody presses "mine"? Who, on which button, how to answer.

Anything else that it tells is taken and means nothing: a link opened, a message, another event.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec

from schemas.event import Instant
from services.route.domain.phones import short_of, short_of_digest

ACTION = "mine"
"""What our button is called at Slack and Mattermost."""
NAME = 64
"""Signs of a name."""
OLD = timedelta(days=1)
"""PagerDuty signs no time; what happened longer ago is no news."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
T = TypeVar("T")


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's thumb: the token of the button, the chat it is in, what an answer has to name."""

    who: str
    token: str
    chat: str = ""
    answer_to: str = ""


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody acknowledged a group where it is known by its key."""

    who: str
    short: str


def telegram_press(body: bytes) -> Press | None:
    """The press in an update of the Bot API; raises ``ValueError`` for what is none."""
    query = _read(body, _Update).callback_query
    if query is None or query.message is None or query.data is None:
        return None
    user = query.user
    full = f"{user.first_name} {user.last_name}"
    return Press(
        who=_name((user.username, full), f"telegram:{user.id}"),
        token=query.data,
        chat=str(query.message.chat.id),
        answer_to=query.id,
    )


def slack_press(body: bytes) -> Press | None:
    """The press in an interaction, JSON in a form; raises ``ValueError`` for what is none."""
    form = parse_qs(body.decode(), strict_parsing=True, max_num_fields=20)
    said = _read(form.get("payload", [""])[0].encode(), _Interaction)
    token = next((one.value for one in said.actions if one.action_id == ACTION), None)
    if said.type != "block_actions" or not token:
        return None
    user = said.user
    return Press(
        who=_name((user.username, user.name), f"slack:{user.id}"),
        token=token,
        answer_to=said.response_url,
    )


def mattermost_press(body: bytes) -> Press | None:
    """The press of a button with a context of ours; raises ``ValueError`` for what is none."""
    said = _read(body, _PostAction)
    if not said.context.token:
        return None
    who = _name((said.user_name,), f"mattermost:{said.user_id}")
    return Press(who=who, token=said.context.token)


def pagerduty_word(body: bytes, real_now: datetime) -> Acknowledged | None:
    """Whoever acknowledged an incident; what a machine did is our own word coming back.

    Raises ``ValueError`` for what is no webhook of V3.
    """
    event = _read(body, _Webhook).event
    if event.event_type != "incident.acknowledged" or not event.data.incident_key:
        return None
    if event.agent is None or event.agent.type != "user_reference":
        return None
    if real_now - event.occurred_at > OLD:
        return None
    key = event.data.incident_key
    return Acknowledged(
        who=_name((event.agent.summary,), "PagerDuty"),
        short=short_of_digest(key) if _DIGEST.fullmatch(key) else short_of(key),
    )


def _read(text: bytes, kind: type[T]) -> T:
    """What is read before it is known to be anybody's may be anything."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(f"expected {kind.__name__}") from error


def _name(given: Iterable[str | None], otherwise: str) -> str:
    """The first that has a sign to show; none that turns the line round or breaks it."""
    for one in given:
        shown = "".join(
            " " if sign.isspace() else sign
            for sign in one or ""
            if sign.isspace() or not unicodedata.category(sign).startswith("C")
        )
        if name := " ".join(shown.split())[:NAME].strip():
            return name
    return otherwise


class _TelegramUser(msgspec.Struct):
    id: int
    first_name: str = ""
    last_name: str = ""
    username: str | None = None


class _Chat(msgspec.Struct):
    id: int


class _TelegramMessage(msgspec.Struct):
    chat: _Chat


class _Query(msgspec.Struct):
    id: str
    user: _TelegramUser = msgspec.field(name="from")
    message: _TelegramMessage | None = None
    data: str | None = None


class _Update(msgspec.Struct):
    callback_query: _Query | None = None


class _SlackUser(msgspec.Struct):
    id: str = ""
    username: str | None = None
    name: str | None = None


class _Action(msgspec.Struct):
    action_id: str = ""
    value: str | None = None


class _Interaction(msgspec.Struct):
    type: str
    user: _SlackUser = msgspec.field(default_factory=_SlackUser)
    actions: list[_Action] = msgspec.field(default_factory=list)
    response_url: str = ""


class _Context(msgspec.Struct):
    token: str = ""


class _PostAction(msgspec.Struct):
    user_id: str = ""
    user_name: str | None = None
    context: _Context = msgspec.field(default_factory=_Context)


class _Agent(msgspec.Struct):
    type: str | None = None
    summary: str | None = None


class _Incident(msgspec.Struct):
    incident_key: str | None = None


class _Event(msgspec.Struct):
    event_type: str
    occurred_at: Instant
    data: _Incident = msgspec.field(default_factory=_Incident)
    agent: _Agent | None = None


class _Webhook(msgspec.Struct):
    event: _Event
