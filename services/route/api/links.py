"""Who takes it by a link? A GET only shows, whoever opens it; a POST acts, once.

Mail and chat programs open links by themselves, so nothing but the form's own POST does anything.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request, Response

from services.route.api.board import Taking, is_open
from services.route.api.page import form_of, page
from services.route.api.reading import bounded
from services.route.domain.alerting import AlertGroup
from services.route.domain.phones import LINK, Phones, Seal, Used, opened
from services.route.domain.views import DutyView

LARGEST = 4 << 10
"""Bytes of a form."""


class Duty(Protocol):
    """Who is on duty."""

    async def duty(self, at: datetime | None) -> DutyView:
        """Who is on duty then, or now, by team."""
        ...


class Takers:
    """Who may take a team's alert: who is on duty; where nobody is, everybody."""

    def __init__(self, duty: Duty, everybody: Callable[[], Collection[str]]) -> None:
        self._duty, self._everybody = duty, everybody

    async def of(self, team: str) -> Sequence[str]:
        """Their names."""
        there = (await self._duty.duty(None)).on_duty.get(team, ())
        return there or sorted(self._everybody())


class Links:
    """The page of a link, for whoever holds it."""

    def __init__(self, taking: Taking, takers: Takers, phones: Phones) -> None:
        self._taking, self._takers, self._phones = taking, takers, phones
        self._gone = [words.gone for _, words in sorted(taking.languages.items())]

    async def show(self, token: str) -> Response:
        """What it is about, and the form where nobody has it; nothing changes."""
        found = await self._found(token)
        if isinstance(found, Response):
            return found
        _, group = found
        return await self._asking(group, status=200)

    async def act(self, token: str, request: Request) -> Response:
        """Take it for who was chosen; the link is used up, and what somebody has stays theirs."""
        body = await bounded(request, LARGEST)
        if not _is_ours(request.headers, self._phones.address):
            return self._refused(403)
        found = await self._found(token)
        if isinstance(found, Response):
            return found
        seal, group = found
        if not is_open(group):
            return self._told(group)
        who = _chosen(body)
        if who not in await self._takers.of(group.team):
            return await self._asking(group, status=422)
        try:
            taken = await self._taking.take(seal.short, who, seal.once)
        except Used:
            return self._refused(410, group)
        return self._told(taken) if taken else self._refused(404)

    async def _found(self, token: str) -> tuple[Seal, AlertGroup] | Response:
        """What the link is for; forged, ended and forgotten look the same but for the status."""
        seal = opened(token, self._phones.link_secrets, LINK)
        ended = seal is not None and seal.until <= self._taking.clock.real()
        if seal is None or ended:
            return self._refused(410 if ended else 404)
        group = await self._taking.board.group_of(seal.short)
        return (seal, group) if group else self._refused(404)

    async def _asking(self, group: AlertGroup, *, status: int) -> Response:
        if not is_open(group):
            return self._told(group)
        people = await self._takers.of(group.team)
        form = form_of(self._taking.words(group), people)
        return page(group.about.lang, [self._taking.message(group).text], form, status=status)

    def _told(self, group: AlertGroup) -> Response:
        return page(group.about.lang, [self._taking.message(group).text])

    def _refused(self, status: int, group: AlertGroup | None = None) -> Response:
        """Whose language it is nobody knows of a link that is not ours: all of them."""
        if group:
            text, gone = self._taking.message(group).text, self._taking.words(group).gone
            return page(group.about.lang, [text, f"{gone}."], status=status)
        return page("", [f"{one}." for one in self._gone], status=status)


def link_routes(links: Links) -> APIRouter:
    """The page of a link, outside the API: no system calls it."""
    router = APIRouter(prefix="/a", include_in_schema=False)

    @router.api_route("/{token}", methods=["GET", "HEAD"])
    async def show(token: str) -> Response:
        """Show what a link is about."""
        return await links.show(token)

    @router.post("/{token}")
    async def act(token: str, request: Request) -> Response:
        """Take it."""
        return await links.act(token, request)

    return router


def _is_ours(headers: Mapping[str, str], address: str) -> bool:
    """Does a browser say that the form is ours, where it says anything?"""
    site, origin = headers.get("sec-fetch-site", "same-origin"), headers.get("origin")
    return site in {"same-origin", "none"} and (
        origin is None or _origin(origin) == _origin(address)
    )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url.lower())
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port


def _chosen(body: bytes) -> str:
    try:
        form = parse_qs(body.decode(), strict_parsing=True, max_num_fields=5)
    except ValueError:
        return ""
    return form.get("who", [""])[0]
