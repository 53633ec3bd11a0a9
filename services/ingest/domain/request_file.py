"""What stands in a kept request? One whole HTTP request with the secret that it is signed with."""

from datetime import datetime

import msgspec

from services.ingest.domain.brands import Account


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
    def where(self) -> tuple[str, str]:
        """Source and account, the last two parts of the path; raises ``ValueError``."""
        parts = self.path.partition("?")[0].rstrip("/").split("/")
        if len(parts) < 3:
            raise ValueError(f"expected a path like /v1/hooks/generic/main, got {self.path}")
        return parts[-2], parts[-1]

    @property
    def address(self) -> str:
        """The path as we serve it: kept requests leave out the version."""
        return self.path if self.path.startswith("/v1/") else f"/v1{self.path}"

    @property
    def account(self) -> Account:
        """The one account that is configured for it."""
        source, name = self.where
        return Account(brand=name, source=source, id=name, channel_role="service")


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
