"""How does a long case stay small? Its old, plain exchanges are folded to how many there were.

An exchange is what the customer wrote and what we said to it, up to the answer. It is plain where
nothing of it is needed to read the rest: no first words, no step of a play, no hold and no close.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from schemas.states import ANSWERS, WORDS, ClockName, MomentKind
from schemas.tickets import Folded, Moment, Ticket
from services.route.domain.moments import in_order

KEPT = 30
"""Finished exchanges that are kept in full (contracts.md, Moment)."""
MOST = 90
"""Moments from which on even fewer exchanges are kept: an event stays under 32 KiB."""
FEWEST = 3

_ACKNOWLEDGED = WORDS - ANSWERS
_OPENS = frozenset({MomentKind.reopened})
_BREAKS = frozenset({MomentKind.paused, MomentKind.resumed, MomentKind.closed, MomentKind.reopened})


class _Exchange(msgspec.Struct):
    moments: list[Moment]
    plain: bool = True
    finished: bool = False

    @property
    def waits(self) -> bool:
        """Does a customer wait for the answer in it?"""
        return any(moment.kind is MomentKind.customer_wrote for moment in self.moments)

    @property
    def cycles(self) -> Counter[str]:
        """How many cycles of which clocks ran in it (notify's definitions)."""
        waits = acknowledged = promised = 0
        for moment in self.moments:
            waits |= moment.kind is MomentKind.customer_wrote
            acknowledged += waits and moment.kind in _ACKNOWLEDGED
            promised += moment.kind in WORDS and promises(moment)
        return Counter(
            {
                ClockName.next_response.value: waits,
                ClockName.silence.value: acknowledged + waits,
                ClockName.promise.value: promised,
            }
        )


def promises(word: Moment) -> bool:
    """Does it start the clock of a promise?"""
    if word.promise_until:
        return word.promise_until > word.at
    return word.kind is MomentKind.promised


def is_folded(folded: Iterable[Folded], moment: Moment) -> bool:
    """Does it belong to what was folded? Then it comes too late to be told apart."""
    return any(block.since <= moment.at <= block.until for block in folded)


def fold(ticket: Ticket) -> Ticket:
    """The ticket with its oldest plain exchanges folded, where it has too many."""
    if len(ticket.moments) <= KEPT:  # nearly every case: each exchange has a moment at least
        return ticket
    exchanges = list(_exchanges(in_order(ticket.moments)))
    finished = [one for one in exchanges if one.finished]
    spare, count = len(finished) - KEPT, len(ticket.moments)
    folding: list[_Exchange] = []
    for one in finished[: len(finished) - FEWEST]:
        if one.plain and (spare > 0 or count > MOST):
            folding.append(one)
            count -= len(one.moments)
        spare -= 1
    if not folding:
        return ticket
    gone = {moment.id for one in folding for moment in one.moments}
    kept = tuple(moment for moment in ticket.moments if moment.id not in gone)
    blocks = sorted((*ticket.folded, *map(_block, folding)), key=lambda block: block.since)
    return msgspec.structs.replace(ticket, moments=kept, folded=tuple(_joined(blocks, kept)))


def _exchanges(ordered: Sequence[Moment]) -> Iterator[_Exchange]:
    """The exchanges in order; what breaks them stands alone, and nothing is plain while closed."""
    steps, closed, promised, current = set[str](), False, False, _Exchange([])
    for moment in ordered:
        if moment.kind in _BREAKS:
            yield _Exchange(current.moments, plain=False)
            yield _Exchange([moment], plain=False)
            closed = moment.kind is MomentKind.closed or (closed and moment.kind not in _OPENS)
            current = _Exchange([])
            steps.clear()
            continue
        if not current.moments:
            current.plain = bool(steps) and not promised and not closed
        current.moments.append(moment)
        current.plain &= not _is_step(moment, steps, waits=current.waits)
        if moment.kind in WORDS:
            promised = promises(moment)
        if moment.kind in ANSWERS:
            yield _Exchange(current.moments, plain=current.plain, finished=True)
            current = _Exchange([])
    yield current


def _is_step(moment: Moment, steps: set[str], *, waits: bool) -> bool:
    """Is it the first of its kind since somebody asked, or the end of a play?"""
    kind = "acknowledged" if moment.kind in _ACKNOWLEDGED else moment.kind.value
    if (moment.kind in _ACKNOWLEDGED and not waits) or not (steps or waits):
        return False
    first = kind not in steps
    steps.add(kind)
    return first or moment.kind is MomentKind.closing_noted


def _block(exchange: _Exchange) -> Folded:
    times = [moment.at for moment in exchange.moments]
    return Folded(since=min(times), until=max(times), cycles=dict(+exchange.cycles))


def _joined(blocks: Sequence[Folded], kept: Sequence[Moment]) -> Iterator[Folded]:
    """Neighbours as one, where nothing that was kept lies between."""
    last: Folded | None = None
    for block in blocks:
        if last and not any(last.until < moment.at < block.since for moment in kept):
            cycles = Counter(last.cycles) + Counter(block.cycles)
            last = Folded(since=last.since, until=block.until, cycles=dict(cycles))
            continue
        if last:
            yield last
        last = block
    if last:
        yield last
