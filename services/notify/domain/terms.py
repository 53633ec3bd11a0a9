"""Which promise holds when? A case's terms in time: what has ended keeps the old ones (F39)."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from schemas.tickets import EarlierTerms, SlaTerms

_EVER = datetime.min.replace(tzinfo=UTC)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Terms, and the instant since when they hold."""

    terms: SlaTerms
    since: datetime = _EVER


class TermsInTime:
    """The terms of a case, those that held earlier first."""

    def __init__(self, terms: SlaTerms, earlier: Sequence[EarlierTerms] = ()) -> None:
        found, following = list[Held](), terms
        sinces = [_EVER, *(one.until for one in earlier)]
        for one, since in zip(reversed(earlier), reversed(sinces[:-1]), strict=True):
            following = one.terms or following
            found.append(Held(terms=following, since=since))
        self._held = (*reversed(found), Held(terms=terms, since=sinces[-1]))

    @property
    def now(self) -> Held:
        """The ones that a clock is judged by while it runs."""
        return self._held[-1]

    def asked(self, at: datetime) -> SlaTerms:
        """The ones under which something is said at that instant."""
        return next(held.terms for held in reversed(self._held) if held.since <= at)

    def judging(self, stopped_at: datetime | None) -> Held:
        """The ones by which a clock that stopped then is judged; changing them touches it no more.

        What stops at the instant of the change is judged by those that held before.
        """
        if stopped_at is None:
            return self.now
        return next(held for held in reversed(self._held) if held.since < stopped_at)
