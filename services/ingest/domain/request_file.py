"""What stands in a kept request? One whole HTTP request with the secret that it is signed with."""

from datetime import datetime

import msgspec

from services.ingest.domain.brands import Account
from services.ingest.domain.receipt import Keys

_SOURCES = {
    "facebook": "meta",
    "messenger": "meta",
    "instagram": "meta",
    "odnoklassniki": "ok",
    "cloudevents": "generic",
}
"""Kept requests name the product, we the connector."""

_CONFIRMATION = "confirm-code"
"""What a rehearsed account answers to a platform that asks for its code."""


class Expect(msgspec.Struct, frozen=True, kw_only=True):
    """``after`` names the request, beside this one, that must have been answered before."""

    after: str | None = None


class WholeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The request; ``secret`` is the only one configured for its account."""

    platform: str
    path: str
    method: str = "POST"
    headers: dict[str, str] = {}
    body: str = ""
    secret: str = ""
    expect: Expect = Expect()

    @property
    def source(self) -> str:
        """The connector that it is for."""
        return _SOURCES.get(self.platform, self.platform)

    @property
    def address(self) -> str:
        """The path as we serve it: kept requests leave out the version and name the product."""
        query = self.path.partition("?")[2]
        return f"/v1/hooks/{self.source}/{self.account.id}" + (f"?{query}" if query else "")

    @property
    def account(self) -> Account:
        """The one account that is configured for it; raises ``ValueError``."""
        parts = self.path.partition("?")[0].rstrip("/").split("/")
        if len(parts) < 3:
            raise ValueError(f"expected a path like /v1/hooks/generic/main, got {self.path}")
        return Account(brand=parts[-1], source=self.source, id=parts[-1], channel_role="service")

    @property
    def keys(self) -> Keys:
        """The secret; it also checks a question that is asked with a token."""
        if not self.secret:
            return Keys()
        asked = self.secret if self.method == "GET" else _CONFIRMATION
        return Keys(secrets=(self.secret,), handshake=asked)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A clock that stands at one instant."""

    at: datetime

    def now(self) -> datetime:
        """That instant."""
        return self.at

    def real(self) -> datetime:
        """That instant."""
        return self.at

    def monotonic(self) -> float:
        """No time passes."""
        return 0.0
