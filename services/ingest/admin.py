"""What may our own people and systems ask of ingest? Sources, replies, authors; never from outside.

A listener of its own: none of these paths is on the port that platforms reach.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol

import msgspec
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from schemas.dead_letters import Reason
from services.ingest.domain.erasure import Erased, KnownAuthor, Refusal
from services.ingest.domain.fate import Reported, Unavailable
from services.ingest.domain.inflate import BODY_BYTES
from services.ingest.domain.receipt import Refused
from services.ingest.domain.source_state import SourceState
from services.ingest.intake import JSON, name_all_methods
from services.ingest.platforms.reported import ReportedReply
from stream.bodies import body_within
from stream.described import described

OPERATOR, REPLY, PRIVACY = "operator", "reply", "privacy"

_REFUSED = {Refusal.unknown_source: 404, Refusal.own: 409, Refusal.no_key: 503}

_BEARER = HTTPBearer(auto_error=False)
_DETAIL = {"type": "object", "properties": {"detail": {}}, "required": ["detail"]}


class Caller(Protocol):
    """Somebody with a live token."""

    @property
    def role(self) -> str:
        """What the token is for."""
        ...


class Callers(Protocol):
    """Who bears which token."""

    def caller(self, token: str, now: datetime) -> Caller | None:
        """Whose live token it is."""
        ...


class Office(Protocol):
    """What the admin API does."""

    def now(self) -> datetime:
        """Real time: tokens expire in it."""
        ...

    async def sources(self) -> Sequence[SourceState]:
        """Every configured account and how it is."""
        ...

    async def reply(self, raw: bytes) -> Reported | Unavailable | Refused | None:
        """Keep a reported reply; None where there is no such account."""
        ...


class Authors(Protocol):
    """What is held of authors, and how they are forgotten."""

    async def erase(self, source: str, author_id: str) -> Erased | Unavailable | Refusal:
        """Forget an author; the receipt, once every store is sure to learn of it."""
        ...

    async def known(self, source: str, author_id: str) -> KnownAuthor | Unavailable | Refusal:
        """All that ingest holds of an author."""
        ...


def admin(office: Office, authors: Authors, callers: Callers) -> FastAPI:
    """The admin face of ingest; every call needs a bearer token of the right role."""
    app = FastAPI(title="Otklik ingest admin", version="1", docs_url=None, redoc_url=None)
    app.include_router(_sources(office, callers))
    app.include_router(_replies(office, callers))
    app.include_router(_authors(authors, Bearer(office, callers, PRIVACY)))
    return name_all_methods(app)


class Bearer:
    """Lets a call pass whose token is live and of one of these roles."""

    def __init__(self, office: Office, callers: Callers, *roles: str) -> None:
        self._office, self._callers, self._roles = office, callers, roles

    def __call__(
        self, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> None:
        """Refuse with 401 or 403."""
        token = given.credentials if given else ""
        found = self._callers.caller(token, self._office.now())
        if found is None:
            raise HTTPException(401, "expected a bearer token", {"WWW-Authenticate": "Bearer"})
        if found.role not in self._roles:
            raise HTTPException(403, f"expected a token for {' or '.join(self._roles)}")


def answers(kind: Any, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a call answers, for OpenAPI: its own body, and an error's for the statuses."""
    content = {"application/json": {"schema": described(kind)}}
    errors: dict[int | str, dict[str, Any]] = {
        status: {
            "description": "see `detail`",
            "content": {"application/json": {"schema": _DETAIL}},
        }
        for status in statuses
    }
    return {200: {"description": "done", "content": content}, **errors}


def _sources(office: Office, callers: Callers) -> APIRouter:
    router = APIRouter(prefix="/v1", dependencies=[Depends(Bearer(office, callers, OPERATOR))])

    @router.get("/sources", responses=answers(list[SourceState], 401, 403))
    async def sources() -> Response:
        """Every configured account: its state, its last event, handshake and cursor."""
        return in_json(await office.sources())

    return router


def _replies(office: Office, callers: Callers) -> APIRouter:
    router = APIRouter(prefix="/v1", dependencies=[Depends(Bearer(office, callers, REPLY))])
    body = {"content": {"application/json": {"schema": described(ReportedReply)}}, "required": True}

    @router.post(
        "/replies",
        responses=answers(Reported, 400, 401, 403, 404, 413, 415, 422, 503),
        openapi_extra={"requestBody": body},
    )
    async def replies(request: Request) -> Response:
        """Report an answer that was given elsewhere; a repeated report is a duplicate."""
        if not JSON.fullmatch(request.headers.get("content-type", "")):
            raise HTTPException(415, "expected application/json")
        done = await office.reply(await bounded(request, BODY_BYTES))
        if done is None:
            raise HTTPException(404, "expected a configured source and account")
        if isinstance(done, Unavailable):
            raise refused(done)
        if isinstance(done, Refused):
            raise HTTPException(400 if done.reason is Reason.not_json else 422, done.detail)
        return in_json(done)

    return router


def _authors(authors: Authors, allowed: Bearer) -> APIRouter:
    router = APIRouter(prefix="/v1/authors", dependencies=[Depends(allowed)])

    @router.delete("/{source}/{author_id:path}", responses=answers(Erased, 401, 403, 404, 409, 503))
    async def erase(source: str, author_id: str) -> Response:
        """Forget an author in every store, for ever; a repeated call gives the same receipt."""
        done = await authors.erase(source, author_id)
        if not isinstance(done, Erased):
            raise refused(done)
        return in_json(done)

    @router.get(
        "/{source}/{author_id:path}", responses=answers(KnownAuthor, 401, 403, 404, 409, 503)
    )
    async def known(source: str, author_id: str) -> Response:
        """All that ingest holds of an author; route answers by the hash for its own store."""
        found = await authors.known(source, author_id)
        if not isinstance(found, KnownAuthor):
            raise refused(found)
        return in_json(found)

    return router


def refused(why: Unavailable | Refusal) -> HTTPException:
    """How it is said that something was not done."""
    if isinstance(why, Unavailable):
        again = {"Retry-After": str(why.retry_after)}
        return HTTPException(503, "not kept, send it again", again)
    return HTTPException(_REFUSED[why], why.value)


async def bounded(request: Request, limit: int) -> bytes:
    """The body, if it is not larger than the limit; else 413."""
    body = await body_within(request, limit)
    if body is None:
        raise HTTPException(413, f"expected at most {limit} bytes")
    return body


def in_json(value: object, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    body = msgspec.json.encode(value)
    return Response(body, media_type="application/json", headers=dict(headers or {}))
