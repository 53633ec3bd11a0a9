"""Who may do what, for which brand? Five roles; the policy's own company trusts its own people."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What a bearer is; an auditor reads everything and changes nothing."""

    viewer = "viewer"
    agent = "agent"
    lead = "lead"
    admin = "admin"
    auditor = "auditor"


class Act(StrEnum):
    """What a call does."""

    read = "read"
    work = "work"
    direct = "direct"
    audit = "audit"
    govern = "govern"
    privacy = "privacy"


_MAY = {
    Role.viewer: {Act.read},
    Role.agent: {Act.read, Act.work},
    Role.lead: {Act.read, Act.work, Act.direct, Act.audit, Act.govern},
    Role.admin: set(Act),
    Role.auditor: {Act.read, Act.audit},
}
"""Agents work on cases; leads direct them, override the policy and change it."""

DIRECTS = frozenset({"assign", "hand-over", "override"})
"""The commands that are a lead's; any other is an agent's work."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One role of a caller, and its brands; none means all."""

    role: Role
    brands: tuple[str, ...] = ()


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls: the author of what they command."""

    name: str
    grants: Sequence[Grant]

    def may(self, act: Act, brand: str | None = None) -> bool:
        """May they, for that brand; without one: for all brands at once?"""
        granted = self._granted(act)
        if brand is None:
            return any(not grant.brands for grant in granted)
        return any(not grant.brands or brand in grant.brands for grant in granted)

    def brands(self, act: Act) -> frozenset[str] | None:
        """The brands that they may do it for; None for all, empty for none."""
        granted = self._granted(act)
        if any(not grant.brands for grant in granted):
            return None
        return frozenset(brand for grant in granted for brand in grant.brands)

    def _granted(self, act: Act) -> list[Grant]:
        return [grant for grant in self.grants if act in _MAY[grant.role]]
