"""What can be said on route's command line? Each command with its options."""

import argparse
from datetime import date

import msgspec

from schemas.event import Instant

RECORDED = "recorded"
STDIN = "-"


def parser() -> argparse.ArgumentParser:
    """The parser; ``command`` names which one was chosen."""
    whole = argparse.ArgumentParser(
        prog="python -m services.route", description="Decide on posts, and ask why."
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("migrate", help="bring the store to this release")
    serve = commands.add_parser("serve", help="run the service until SIGTERM")
    serve.add_argument("--role", choices=("all", "posts", "api", "dispatch"), default="all")
    check = commands.add_parser("check", help="check policies and run their tests")
    check.add_argument("policies", nargs="+", metavar="POLICY")
    check.add_argument("--format", choices=("json", "text"), default="json")
    for name, what in (
        ("explain", "each rule with yes or no and the reason"),
        ("decide", "the decision on each line"),
    ):
        command = commands.add_parser(name, help=f"{what}; {{id, facts}} or classified posts")
        command.add_argument("--policy", required=True)
        command.add_argument("file", nargs="?", default=STDIN)
    _whatif(commands.add_parser("whatif", help="what another policy would have decided"))
    _coverage(commands.add_parser("coverage", help="hours in which a team has nobody"))
    alerts = commands.add_parser("alerts", help="whom a timeline of alerts would call, and when")
    alerts.add_argument("--policy", required=True)
    alerts.add_argument("--until", type=_instant, help="where it ends; an hour after its last line")
    alerts.add_argument("file", nargs="?", default=STDIN, help="JSON Lines of what happens")
    _cost(commands.add_parser("alert-cost", help="what alerts cost people, by DATABASE_URL"))
    drill = commands.add_parser("drill", help="how a drill went, by DATABASE_URL")
    drill.add_argument("drill", metavar="ID", help="as ingest's POST /v1/drills has told it")
    _shown(drill)
    labels = commands.add_parser("labels", help="overrides as labels to train and evaluate with")
    labels.add_argument(
        "corrections", nargs="?", default=STDIN, help="lines of GET /v1/corrections"
    )
    labels.add_argument("--events", help="JSON Lines of events; without it: read classified.v1")
    why = commands.add_parser("why", help="one page on why a post was decided so")
    why.add_argument("post", help="its id, its URL, or its number in the file from 1 on")
    why.add_argument("--events", help="JSON Lines of events; DATABASE_URL names a store beside it")
    return whole


def _whatif(command: argparse.ArgumentParser) -> None:
    command.add_argument("--old", required=True, metavar="POLICY", help=f"or `{RECORDED}`")
    command.add_argument("--new", required=True, metavar="POLICY")
    command.add_argument("--since", type=_instant, help="without FILE: read decisions.v1")
    command.add_argument("--table", action="store_true", help="for a person, instead of JSON")
    command.add_argument("file", nargs="?", help="JSON Lines of events; - reads standard input")


def _coverage(command: argparse.ArgumentParser) -> None:
    command.add_argument("policy", metavar="POLICY")
    command.add_argument("--from", dest="first", type=_day, required=True, metavar="DATE")
    command.add_argument("--days", type=_days, default=7)
    command.add_argument("--table", action="store_true", help="for a person, instead of JSON")
    command.add_argument("--duty", metavar="FILE", help="swaps and sick leave, YAML or JSON")


def _cost(command: argparse.ArgumentParser) -> None:
    command.add_argument("--since", type=_instant, required=True, metavar="TIME")
    command.add_argument("--until", type=_instant, required=True, metavar="TIME")
    _shown(command)


def _shown(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.add_argument("--lang", choices=("ru", "bg", "en"), default="en")


def _instant(text: str) -> Instant:
    try:
        return msgspec.convert(text, Instant)
    except msgspec.ValidationError as error:
        expected = f"expected a time with its zone, 2026-03-02T00:00:00Z, got `{text}`"
        raise argparse.ArgumentTypeError(expected) from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        expected = f"expected a date, 2026-03-02, got `{text}`"
        raise argparse.ArgumentTypeError(expected) from error


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 366:
        raise argparse.ArgumentTypeError(f"expected 1 to 366 days, got `{text}`")
    return int(text)
