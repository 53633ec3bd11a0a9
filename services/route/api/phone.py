"""Who said "mine" from a phone? What providers call back with when a button is pressed.

No bearer token: each request is authenticated as its provider does, and anything else is 401,
whatever is wrong with it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.background import BackgroundTask

from services.route.api.answers import as_json
from services.route.api.board import Taking
from services.route.api.reading import bounded
from services.route.channels.chats import markdown, mattermost
from services.route.domain.alerting import AlertGroup
from services.route.domain.callbacks import Asked, Door, Provider, claim_of, is_authentic
from services.route.domain.presses import (
    Press,
    mattermost_press,
    pagerduty_word,
    slack_press,
    telegram_press,
)

LARGEST = 256 << 10
"""Bytes of a callback; PagerDuty tells all of an incident."""
SAID = 200
"""Signs that Telegram shows beside a button."""

Whisper = Callable[[str, str], Awaitable[None]]
"""Says a text to whoever pressed, at the address that came with the press; never fails."""


def callback_routes(doors: Mapping[str, Door], taking: Taking, whisper: Whisper) -> APIRouter:
    """One address a channel, for its provider alone."""
    router = APIRouter(prefix="/v1/callbacks", tags=["callbacks"])
    callbacks = Callbacks(doors, taking, whisper)

    @router.post("/{channel}", responses={401: {"description": "Not from the provider."}})
    async def called_back(channel: str, request: Request) -> Response:
        """Take a press of "mine", signed by the channel's provider; answered its way."""
        body = await bounded(request, LARGEST)
        return await callbacks.answer(channel, Asked(headers=request.headers, body=body))

    return router


class Callbacks:
    """Lets a provider in at its door, takes what was pressed, and answers as it understands."""

    def __init__(self, doors: Mapping[str, Door], taking: Taking, whisper: Whisper) -> None:
        self._doors, self._taking, self._whisper = doors, taking, whisper
        self._answers = {
            Provider.telegram: self._telegram,
            Provider.slack: self._slack,
            Provider.mattermost: self._mattermost,
            Provider.pagerduty: self._pagerduty,
        }

    async def answer(self, channel: str, asked: Asked) -> Response:
        """What the provider is told; what is authentic and no press is taken, and means nothing."""
        door, now = self._doors.get(channel), self._taking.clock.real()
        if not is_authentic(door, asked, now) or door is None:
            return Response(status_code=401)
        try:
            return await self._answers[door.provider](door, asked.body, now)
        except ValueError as error:
            raise HTTPException(400) from error

    async def _telegram(self, door: Door, body: bytes, now: datetime) -> Response:
        """Telegram runs a ``method`` in the answer to its webhook."""
        press = telegram_press(body)
        if press is None:
            return Response()
        group = await self._taken(door, press, now)
        answer = {"method": "answerCallbackQuery", "callback_query_id": press.answer_to}
        if group is None:
            return as_json(answer)
        alert = group.acknowledged_by != press.who
        return as_json({**answer, "text": self._taking.whose(group)[:SAID], "show_alert": alert})

    async def _slack(self, door: Door, body: bytes, now: datetime) -> Response:
        """The channel's own message tells who has it; who came second hears it alone."""
        press = slack_press(body)
        group = await self._taken(door, press, now) if press else None
        if press is None or group is None or group.acknowledged_by == press.who:
            return Response()
        told = BackgroundTask(self._whisper, press.answer_to, self._taking.whose(group))
        return Response(background=told)

    async def _mattermost(self, door: Door, body: bytes, now: datetime) -> Response:
        """The message that was pressed on is written anew, without a button."""
        press = mattermost_press(body)
        group = await self._taken(door, press, now) if press else None
        if press is None or group is None:
            return as_json({})
        text = mattermost(self._taking.message(group))["text"]
        answer = {"update": {"message": text, "props": {}}}
        if group.acknowledged_by != press.who:
            return as_json({**answer, "ephemeral_text": markdown(self._taking.whose(group))})
        return as_json(answer)

    async def _pagerduty(self, door: Door, body: bytes, now: datetime) -> Response:
        word = pagerduty_word(body, now)
        if word:
            await self._taking.take(word.short, word.who)
        return Response()

    async def _taken(self, door: Door, press: Press, now: datetime) -> AlertGroup | None:
        claim = claim_of(door, press, now)
        return await self._taking.take(claim.short, claim.who) if claim else None
