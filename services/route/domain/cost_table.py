"""How does a lead read what alerts cost? Three tables of plain text, in the lead's language."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from services.route.domain.alert_cost import Cost, Hour, Load, Night
from worktime.walls import read_zone


class _Words(msgspec.Struct, frozen=True):
    person: str
    team: str
    hour: str
    alerts: str
    matters: str
    acknowledged: str
    useless: str
    busiest: str
    night: str
    to_nobody: str
    all: str
    woken: str
    none: str
    exercises: str


WORDS: Mapping[str, _Words] = {
    "en": _Words(
        person="person",
        team="team",
        hour="hour",
        alerts="alerts",
        matters="matters",
        acknowledged="acknowledged",
        useless="useless",
        busiest="busiest hour",
        night="22-07 (nights)",
        to_nobody="nobody there",
        all="all",
        woken="Woken at night",
        none="There were no alerts.",
        exercises="Exercises, counted nowhere above",
    ),
    "ru": _Words(
        person="человек",
        team="команда",
        hour="час",
        alerts="вызовы",
        matters="поводы",
        acknowledged="приняты",
        useless="напрасные",
        busiest="самый тяжёлый час",
        night="22-07 (ночей)",
        to_nobody="без дежурного",
        all="всего",
        woken="Разбужены ночью",
        none="Вызовов не было.",
        exercises="Учения, выше не учтены",
    ),
    "bg": _Words(
        person="човек",
        team="екип",
        hour="час",
        alerts="повиквания",
        matters="поводи",
        acknowledged="приети",
        useless="напразни",
        busiest="най-тежък час",
        night="22-07 (нощи)",
        to_nobody="без дежурен",
        all="общо",
        woken="Събудени през нощта",
        none="Нямаше повиквания.",
        exercises="Учения, по-горе не са броени",
    ),
}


def cost_table(cost: Cost, lang: str) -> Iterator[str]:
    """By team with the sum of all, by person, and by person and hour; hours as the team's clocks
    show them."""
    words = WORDS[lang]
    yield from _tables(cost, words)
    if cost.exercises.alerts:
        yield f"{words.exercises}: {cost.exercises.alerts}"


def _tables(cost: Cost, words: _Words) -> Iterator[str]:
    if not cost.busiest:
        yield words.none
        return
    load = (words.alerts, words.matters, words.acknowledged, words.useless)
    end = (words.busiest, words.night)
    whole = (words.all, *_load(cost.load), _busiest(cost.busiest))
    yield from _columns(
        (words.team, *load, *end, words.to_nobody),
        (
            *(
                (t.team, *_load(t.load), *_end(t.busiest, t.night), str(t.to_nobody))
                for t in cost.teams
            ),
            whole,
        ),
    )
    yield ""
    people = ((p.person, *_load(p.load), *_end(p.busiest, p.night)) for p in cost.people)
    yield from _columns((words.person, *load, *end), people)
    yield ""
    hours = ((_shown(one.hour), one.person, *_load(one.load)) for one in cost.hours)
    yield from _columns((words.hour, words.person, *load), hours)
    if cost.woken:
        yield from ("", f"{words.woken}: {', '.join(cost.woken)}")


def _load(load: Load) -> tuple[str, ...]:
    shares = (load.share_acknowledged, load.share_useless)
    return str(load.alerts), str(load.matters), *map(_percent, shares)


def _end(busiest: Hour, night: Night) -> tuple[str, str]:
    return _busiest(busiest), f"{night.alerts} ({night.nights})" if night.alerts else "-"


def _busiest(hour: Hour) -> str:
    return f"{_shown(hour)} ({hour.alerts})"


def _shown(hour: Hour) -> str:
    return f"{hour.since.astimezone(read_zone(hour.zone)):%Y-%m-%d %H:%M}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{round(100 * share)} %"


def _columns(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    lines = [head, *rows]
    widths = [max(len(line[n]) for line in lines if n < len(line)) for n in range(len(head))]
    for line in lines:
        cells = zip(line, widths, strict=False)  # the sum of all has no nights of its own
        yield "  ".join(f"{cell:<{width}}" for cell, width in cells).rstrip()
