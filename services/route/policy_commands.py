"""What is asked of a policy on the command line: its tests, its reasons, its differences."""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from schemas.decisions import Decision
from schemas.yaml_marks import BadFile, Problem
from services.route.arguments import RECORDED, STDIN
from services.route.domain import holiday_files
from services.route.domain.alert_play import play
from services.route.domain.alert_timeline import read_timeline
from services.route.domain.coverage import as_rows, as_table, gaps, must_receive
from services.route.domain.policy import Policy
from services.route.domain.policy_file import tests_run, tried
from services.route.domain.replies import Replies
from services.route.domain.rows import asked, decided, explained
from services.route.domain.rulebook import with_templates
from services.route.domain.swaps import read_swaps
from services.route.domain.whatif import Judge, decided_by, recorded, undated
from services.route.domain.whatif_totals import compared, table
from services.route.policy_source import read_source
from services.route.settings import read, read_needs, typical_replies

DONE, WRONG = 0, 1


class BadPolicy(Exception):  # noqa: N818 - reads as what it is
    """A policy cannot be used; the message has a line for each problem."""


def check(chosen: argparse.Namespace) -> int:
    """Is each policy fit, and do its own tests pass?"""
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
            put({**found, "holiday_files": files} if files else found)
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


def explain(chosen: argparse.Namespace) -> int:
    """Which rules match each row, and why the others do not."""
    policy, failed = _tried(chosen.policy)
    if failed:
        warning = f"explain: {len(failed)} of its own tests fail, no service would take it:"
        print(warning, *(_line(chosen.policy, one) for one in failed), sep="\n", file=sys.stderr)
    for row in asked(lines_of(chosen.file), policy):
        put(explained(row, policy))
    return DONE


def decide(chosen: argparse.Namespace) -> int:
    """The decision on each row."""
    policy = _policy(chosen.policy)
    for row in asked(lines_of(chosen.file), policy):
        put(decided(row, policy))
    return DONE


def whatif(chosen: argparse.Namespace) -> int:
    """What another policy would have decided."""
    from services.route.rehearsal import Unreachable, exported, kept

    old, new = _judges(chosen)
    try:
        if chosen.since and not chosen.file:
            decisions: Iterable[Decision] = kept(read(), chosen.since)
        else:
            decisions = exported(lines_of(chosen.file or STDIN), chosen.since)
    except Unreachable as error:
        print(f"whatif: {error}", file=sys.stderr)
        return WRONG
    rows = compared(decisions, old, new)
    if chosen.table:
        print(*table(rows), sep="\n")
        return DONE
    for row in rows:
        put(row)
    return DONE


def _judges(chosen: argparse.Namespace) -> tuple[Judge, Judge]:
    new = decided_by(_policy(chosen.new))
    if chosen.old == RECORDED:
        return recorded, undated(new)
    return decided_by(_policy(chosen.old)), new


def coverage(chosen: argparse.Namespace) -> int:
    """The hours in which a team has nobody."""
    policy = _policy(chosen.policy)
    people = [name for team in policy.teams.values() for duty in team.duty for name in duty.people]
    duty = Path(chosen.duty).read_text(encoding="utf-8") if chosen.duty else ""
    swaps = read_swaps(duty, people)
    found = gaps(policy, chosen.first, chosen.days, swaps)
    if chosen.table:
        print(*as_table(found, policy), sep="\n")
    for row in () if chosen.table else as_rows(found, policy):
        put(row)
    return WRONG if {gap.team for gap in found} & must_receive(policy) else DONE


def alerts(chosen: argparse.Namespace) -> int:
    """Who would have been called in a timeline."""
    policy = _policy(chosen.policy)
    timeline = read_timeline(lines_of(chosen.file), policy.teams)
    for call in play(timeline, policy, read_needs(), chosen.until):
        put(call)
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


def lines_of(file: str) -> Iterable[bytes]:
    """The lines; only a line feed ends one, for JSON may hold other ends of lines."""
    content = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    return content.split(b"\n")


def put(answer: object) -> None:
    """One row of JSON."""
    print(msgspec.json.encode(answer).decode())
