"""A clock whose hands a test moves."""

from datetime import datetime, timedelta

from stream.clock import Clock


class Hands(Clock, frozen=True, kw_only=True):
    """Business and real time stand where the test has put them."""

    stand: list[datetime]

    def now(self) -> datetime:
        return self.stand[0]

    def real(self) -> datetime:
        return self.stand[0]

    def monotonic(self) -> float:
        return (self.stand[0] - self.start).total_seconds()

    def move(self, at: datetime) -> None:
        self.stand[0] = at

    def passes(self, **time: float) -> datetime:
        """Let so much time pass."""
        self.move(self.stand[0] + timedelta(**time))
        return self.stand[0]


def hands(at: datetime) -> Hands:
    """A clock that stands at that instant."""
    return Hands(start=at, real_start=at, stand=[at])
