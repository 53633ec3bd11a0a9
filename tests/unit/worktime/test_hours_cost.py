"""Do very many questions stay cheap: years and holds compiled once, spans found by bisection?"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import overload

from tests.unit.worktime.calendars import a_calendar, at
from worktime.hours import Hours
from worktime.pauses import Pause
from worktime.shifts import Shifts
from worktime.spans import Spans, spans_of_year

HOUR = timedelta(hours=1)
THREE_YEARS = 3 * 365 * 24 * HOUR
LUNCH = a_calendar(("09:00", "13:00"), ("14:00", "18:00"), zone="Europe/Sofia")


class Counted(Sequence[int]):
    """Numbers that note how often one of them is read."""

    def __init__(self, numbers: Sequence[int], reads: list[int]) -> None:
        self.numbers, self.reads = numbers, reads

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        self.reads[0] += 1
        return self.numbers[index]


class Compiler:
    """Compiles years as ever and notes which ones, and what is read of them."""

    def __init__(self) -> None:
        self.years: list[int] = []
        self.reads = [0]

    def plain(self, shifts: Shifts, year: int) -> Spans:
        self.years.append(year)
        return spans_of_year(shifts, year)

    def counted(self, shifts: Shifts, year: int) -> Spans:
        return Spans(*(Counted(column, self.reads) for column in self.plain(shifts, year)))


def answers(hours: Hours, count: int) -> Iterator[object]:
    start = at("2024-01-01T00:00Z")
    for number in range(count // 2):
        yield hours.elapsed(start, start + THREE_YEARS * number / count)
        yield hours.due(start + THREE_YEARS * number / count, 16 * HOUR)


def test_a_hundred_thousand_questions_compile_each_year_once() -> None:
    compiler = Compiler()

    asked = sum(1 for _ in answers(Hours(LUNCH, compiler.plain), 100_000))

    assert asked == 100_000
    assert compiler.years == [2024, 2025]


def test_a_question_reads_a_few_spans_and_not_the_whole_year() -> None:
    compiler = Compiler()

    asked = sum(1 for _ in answers(Hours(LUNCH, compiler.counted), 1_000))

    assert compiler.reads[0] / asked < 100  # a year has 522 spans


def test_a_due_date_years_away_compiles_the_years_up_to_it() -> None:
    compiler = Compiler()

    due = Hours(LUNCH, compiler.plain).due(at("2024-01-01T00:00Z"), 522 * 40 * HOUR)

    assert due == at("2033-12-30T18:00+02:00")  # the Friday of the 522nd week
    assert compiler.years == list(range(2024, 2034))


def a_year_of_holds() -> list[Pause]:
    """Two hundred and fifty, a little more than five a week, of four hours each."""
    new_year = at("2024-01-01T09:00Z")
    starts = [new_year + number * (365 * 24 * HOUR / 250) for number in range(250)]
    return [(start, start + 4 * HOUR) for start in starts]


def test_a_year_of_holds_is_compiled_once_for_all_that_is_asked_about_them() -> None:
    compiler, holds = Compiler(), a_year_of_holds()
    hours, start = Hours(LUNCH, compiler.counted), at("2024-01-01T00:00Z")
    hours.due(start, HOUR, holds)
    compiler.reads[0] = 0

    for number in range(1_000):
        due = hours.due(start, number * HOUR, holds)
        assert due is not None
        assert hours.elapsed(start, due, holds) == number * HOUR

    assert compiler.reads[0] / 2_000 < 100  # to look at each hold takes thousands
