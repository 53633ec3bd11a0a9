"""Who calls? A bearer token is a name, and what it may do."""

from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.route.domain.access import Act, Caller, Grant, Role
from stream.clock import Clock
from stream.tokens import Tokens

_BEARER = HTTPBearer(auto_error=False)


class Bearer:
    """The caller of a request; refuses with 401 whoever has no live token."""

    def __init__(self, tokens: Tokens, clock: Clock) -> None:
        self._tokens, self._clock = tokens, clock

    def __call__(
        self, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> Caller:
        """Whose token it is."""
        rows = self._tokens.roles(given.credentials, self._clock.real()) if given else ()
        known = [row for row in rows if row.role in set(Role)]
        if not known:
            raise HTTPException(401, "expected a bearer token", {"WWW-Authenticate": "Bearer"})
        grants = [Grant(role=Role(row.role), brands=row.brands) for row in known]
        return Caller(name=known[0].id, grants=grants)


def require(caller: Caller, act: Act, brand: str | None = None) -> None:
    """Refuse with 403 what the caller may not do."""
    if not caller.may(act, brand):
        where = f"brand `{brand}`" if brand else "all brands"
        raise HTTPException(403, f"expected a token that may {act} for {where}")


def require_some(caller: Caller, act: Act) -> frozenset[str] | None:
    """The brands that the caller may do it for, None for all; refuses with 403 where none."""
    brands = caller.brands(act)
    if brands is not None and not brands:
        raise HTTPException(403, f"expected a token that may {act}")
    return brands
