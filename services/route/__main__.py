"""Route from the command line: serve, and what can be asked of a policy and of a decision."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from schemas.decisions import Decision
from schemas.event import Event
from schemas.yaml_marks import BadFile, Problem
from services.route.arguments import RECORDED, STDIN, parser
from services.route.domain import drill_report, holiday_files, labels
from services.route.domain.alert_cost import as_json
from services.route.domain.alert_play import play
from services.route.domain.alert_timeline import read_timeline
from services.route.domain.cost_table import cost_table
from services.route.domain.coverage import as_rows, as_table, gaps, must_receive
from services.route.domain.export import BadLine, events_in
from services.route.domain.policy import Policy
from services.route.domain.policy_file import tests_run, tried
from services.route.domain.replies import Replies
from services.route.domain.rows import asked, decided, explained
from services.route.domain.rulebook import with_templates
from services.route.domain.swaps import read_swaps
from services.route.domain.whatif import Judge, decided_by, recorded, undated
from services.route.domain.whatif_totals import compared, table
from services.route.domain.why import KINDS, page, tickets_meant
from services.route.domain.why_kept import Kept
from services.route.looking import NoStore, looked_up
from services.route.policy_source import read_source
from services.route.settings import read, read_needs, store_given, typical_replies
from stream.log import log_to_stderr
from stream.settings import BadSettings

DONE, WRONG, MISUSED = 0, 1, 2


class BadPolicy(Exception):  # noqa: N818 - reads as what it is
    """A policy cannot be used; the message has a line for each problem."""


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


def _serve(chosen: argparse.Namespace) -> int:
    from services.route.app import serve

    settings = read()
    log_to_stderr("route", settings.log_level)
    asyncio.run(serve(settings, chosen.role))
    return DONE


def _check(chosen: argparse.Namespace) -> int:
    replies = typical_replies()
    wrong = False
    for file in chosen.policies:
        problems, tests, files = _checked(file, replies)
        wrong = wrong or bool(problems)
        if chosen.format == "text":
            well = f"{file}: ok, {tests} tests passed"
            print(*([_line(file, one) for one in problems] or [well]), sep="\n")
            for name, one in files.items():
                print(f"{file}: {name} {one}")
        else:
            found = {"file": file, "ok": not problems, "errors": problems, "tests": tests}
            _print({**found, "holiday_files": files} if files else found)
    return WRONG if wrong else DONE


def _checked(
    file: str, replies: Replies
) -> tuple[Sequence[Problem], int, Mapping[str, holiday_files.Added]]:
    """What is wrong with a policy, how many tests were run to know, what its files added."""
    try:
        text = read_source(Path(file))
    except BadFile as error:
        return error.problems, 0, {}
    except (OSError, UnicodeDecodeError) as error:
        why = f"expected a text in UTF-8: {error}"
        return [Problem(line=1, column=1, path="$", why=why)], 0, {}
    problems: Sequence[Problem] = ()
    try:
        with_templates(text, replies)
    except BadFile as error:
        problems = error.problems
    return problems, tests_run(text), holiday_files.added(text)


def _line(file: str, one: Problem) -> str:
    return f"{file}:{one.line}:{one.column}: {one.path}: {one.why}"


def _explain(chosen: argparse.Namespace) -> int:
    policy, failed = _tried(chosen.policy)
    if failed:
        warning = f"explain: {len(failed)} of its own tests fail, no service would take it:"
        print(warning, *(_line(chosen.policy, one) for one in failed), sep="\n", file=sys.stderr)
    for row in asked(_lines(chosen.file), policy):
        _print(explained(row, policy))
    return DONE


def _decide(chosen: argparse.Namespace) -> int:
    policy = _policy(chosen.policy)
    for row in asked(_lines(chosen.file), policy):
        _print(decided(row, policy))
    return DONE


def _whatif(chosen: argparse.Namespace) -> int:
    from services.route.rehearsal import Unreachable, exported, kept

    old, new = _judges(chosen)
    try:
        if chosen.since and not chosen.file:
            decisions: Iterable[Decision] = kept(read(), chosen.since)
        else:
            decisions = exported(_lines(chosen.file or STDIN), chosen.since)
    except Unreachable as error:
        print(f"whatif: {error}", file=sys.stderr)
        return WRONG
    rows = compared(decisions, old, new)
    if chosen.table:
        print(*table(rows), sep="\n")
        return DONE
    for row in rows:
        _print(row)
    return DONE


def _judges(chosen: argparse.Namespace) -> tuple[Judge, Judge]:
    new = decided_by(_policy(chosen.new))
    if chosen.old == RECORDED:
        return recorded, undated(new)
    return decided_by(_policy(chosen.old)), new


def _coverage(chosen: argparse.Namespace) -> int:
    policy = _policy(chosen.policy)
    people = [name for team in policy.teams.values() for duty in team.duty for name in duty.people]
    duty = Path(chosen.duty).read_text(encoding="utf-8") if chosen.duty else ""
    swaps = read_swaps(duty, people)
    found = gaps(policy, chosen.first, chosen.days, swaps)
    if chosen.table:
        print(*as_table(found, policy), sep="\n")
    for row in () if chosen.table else as_rows(found, policy):
        _print(row)
    return WRONG if {gap.team for gap in found} & must_receive(policy) else DONE


def _alerts(chosen: argparse.Namespace) -> int:
    policy = _policy(chosen.policy)
    timeline = read_timeline(_lines(chosen.file), policy.teams)
    for call in play(timeline, policy, read_needs(), chosen.until):
        _print(call)
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
    events: list[Event] = list(events_in(_lines(chosen.events), KINDS)) if chosen.events else []
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
        _print(found)
    else:
        print(*drill_report.shown(found, chosen.lang), sep="\n")
    return DONE if found.alerts else WRONG


def _labels(chosen: argparse.Namespace) -> int:
    from services.route.rehearsal import Unreachable, said

    corrections = labels.read_corrections(_lines(chosen.corrections))
    try:
        lines = _lines(chosen.events) if chosen.events else None
        events = said(read()) if lines is None else events_in(lines, labels.KINDS)
        found = list(labels.labels_of(corrections, events))
    except Unreachable as error:
        print(f"labels: {error}", file=sys.stderr)
        return WRONG
    for label in found:
        _print(label)
    posts = len({(one.brand, one.id) for one in corrections})
    print(f"labels: {len(found)} of {posts} corrected posts; of others", file=sys.stderr, end=" ")
    print("the text is gone, or nothing was left corrected", file=sys.stderr)
    return DONE


def _policy(file: str) -> Policy:
    policy, failed = _tried(file)
    if failed:
        raise BadPolicy("\n".join(_line(file, one) for one in failed))
    return policy


def _tried(file: str) -> tuple[Policy, Sequence[Problem]]:
    """The policy of a file, and which of its own tests fail."""
    try:
        return tried(read_source(Path(file)))
    except BadFile as error:
        raise BadPolicy("\n".join(_line(file, one) for one in error.problems)) from error


def _lines(file: str) -> Iterable[bytes]:
    """The lines; only a line feed ends one, for JSON may hold other ends of lines."""
    content = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    return content.split(b"\n")


def _print(answer: object) -> None:
    print(msgspec.json.encode(answer).decode())


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "serve": _serve,
    "migrate": _migrate,
    "check": _check,
    "explain": _explain,
    "decide": _decide,
    "whatif": _whatif,
    "coverage": _coverage,
    "alerts": _alerts,
    "alert-cost": _cost,
    "drill": _drill,
    "labels": _labels,
    "why": _why,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
