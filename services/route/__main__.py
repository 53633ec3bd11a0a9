"""Route from the command line: serve, and what can be asked of a policy and of a decision."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from schemas.event import Event
from schemas.yaml_marks import BadFile
from services.route.arguments import STDIN, parser
from services.route.domain import drill_report, labels
from services.route.domain.alert_cost import as_json
from services.route.domain.cost_table import cost_table
from services.route.domain.export import BadLine, events_in
from services.route.domain.why import KINDS, page, tickets_meant
from services.route.domain.why_kept import Kept
from services.route.looking import NoStore, looked_up
from services.route.policy_commands import (
    BadPolicy,
    alerts,
    check,
    coverage,
    decide,
    explain,
    lines_of,
    put,
    whatif,
)
from services.route.settings import read, store_given
from stream.log import log_to_stderr
from stream.settings import BadSettings

DONE, WRONG, MISUSED = 0, 1, 2


def main(arguments: list[str]) -> int:
    """Run one command; 0 done, 1 something is wrong with what was checked, 2 bad usage."""
    chosen = parser().parse_args(arguments)
    try:
        return _COMMANDS[chosen.command](chosen)
    except (BadSettings, BadFile, BadPolicy, BadLine, OSError, UnicodeDecodeError) as error:
        print(f"{chosen.command}: {error}", file=sys.stderr)
        return MISUSED
    except NoStore as error:
        print(f"{chosen.command}: {error}", file=sys.stderr)
        return WRONG


def _migrate(_: argparse.Namespace) -> int:
    from services.route.store.tables import HISTORY
    from stream.migrations import migrate

    print(asyncio.run(migrate(read().database_url, HISTORY)))
    return DONE


def _recover(_: argparse.Namespace) -> int:
    from services.route.recovering import recover

    found = asyncio.run(recover(read()))
    print(
        f"route: took over {found.posts} posts, {found.tickets} tickets and {found.alerts} alert "
        "groups; serve does what is left"
    )
    return DONE


def _serve(chosen: argparse.Namespace) -> int:
    from services.route.app import serve

    settings = read()
    log_to_stderr("route", settings.log_level)
    asyncio.run(serve(settings, chosen.role))
    return DONE


def _why(chosen: argparse.Namespace) -> int:
    store = store_given()
    if not chosen.events and not store:
        print(
            "why: expected --events FILE, JSON Lines of events, or DATABASE_URL, route's store; "
            "`make demo` writes .run/demo/events.jsonl",
            file=sys.stderr,
        )
        return MISUSED
    file = Path(chosen.events or STDIN)
    if chosen.events and not file.exists():
        print(f"why: no events in {file} yet; `make demo` writes them", file=sys.stderr)
        return WRONG
    events: list[Event] = list(events_in(lines_of(chosen.events), KINDS)) if chosen.events else []
    found = page(events, chosen.post, _kept(store, events, chosen.post))
    if not found:
        expected = "its number from 1 on, its id or its URL"
        print(f"why: no post `{chosen.post}` here; expected {expected}", file=sys.stderr)
        return WRONG
    print(found, end="")
    return DONE


def _kept(store: str | None, events: Sequence[Event], post: str) -> Kept | None:
    """What the store knows beside the events; an export has a page without it, too."""
    if store is None:
        return None
    from services.route.store.kept import kept_of
    from services.route.store.read_only import Unreadable

    try:
        return asyncio.run(kept_of(store, post, tickets_meant(events, post)))
    except Unreadable as error:
        print(f"why: {error}", file=sys.stderr)
        return None


def _cost(chosen: argparse.Namespace) -> int:
    from services.route.store.costs import cost_in

    if chosen.since >= chosen.until:
        raise BadSettings("expected --since before --until")
    cost = looked_up(lambda store: cost_in(store, chosen.since, chosen.until))
    print(as_json(cost) if chosen.format == "json" else "\n".join(cost_table(cost, chosen.lang)))
    return DONE


def _drill(chosen: argparse.Namespace) -> int:
    from services.route.store.drills import drill_in

    found = looked_up(lambda store: drill_in(store, chosen.drill))
    if chosen.format == "json":
        put(found)
    else:
        print(*drill_report.shown(found, chosen.lang), sep="\n")
    return DONE if found.alerts else WRONG


def _labels(chosen: argparse.Namespace) -> int:
    from services.route.rehearsal import Unreachable, said

    corrections = labels.read_corrections(lines_of(chosen.corrections))
    try:
        lines = lines_of(chosen.events) if chosen.events else None
        events = said(read()) if lines is None else events_in(lines, labels.KINDS)
        found = list(labels.labels_of(corrections, events))
    except Unreachable as error:
        print(f"labels: {error}", file=sys.stderr)
        return WRONG
    for label in found:
        put(label)
    posts = len({(one.brand, one.id) for one in corrections})
    print(f"labels: {len(found)} of {posts} corrected posts; of others", file=sys.stderr, end=" ")
    print("the text is gone, or nothing was left corrected", file=sys.stderr)
    return DONE


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "serve": _serve,
    "migrate": _migrate,
    "recover": _recover,
    "check": check,
    "explain": explain,
    "decide": decide,
    "whatif": whatif,
    "coverage": coverage,
    "alerts": alerts,
    "alert-cost": _cost,
    "drill": _drill,
    "labels": _labels,
    "why": _why,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
