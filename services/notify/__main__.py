"""Notify from the command line: serve, sla, report, rebuild."""

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from services.notify.domain.case_file import BadCases
from services.notify.domain.cases import answers
from services.notify.domain.figures import BadPeriod, read_period
from services.notify.domain.report import SORTS
from services.notify.reports.words import Language, words
from services.notify.settings import bound_goals_of, goals_of, read
from stream.database import SecondReplica
from stream.log import log_to_stderr
from stream.settings import BadSettings


def main(arguments: list[str]) -> int:
    """Run one command; 0 done, 1 the store cannot be read, 2 bad usage."""
    chosen = _parser().parse_args(arguments)
    try:
        return _COMMANDS[chosen.command](chosen)
    except (BadSettings, BadCases, BadPeriod, OSError) as error:
        print(f"{chosen.command}: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.notify")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the store to this release")
    serve = commands.add_parser("serve", help="run the service until SIGTERM")
    serve.add_argument("--role", choices=("all", "clocks", "web"), default="all")
    sla = commands.add_parser("sla", help="answer a file of clock cases, a JSON line each")
    sla.add_argument("file")
    told = commands.add_parser("report", help="all figures of a day or a month, from the store")
    told.add_argument("--period", required=True, help="2026-03-02 or 2026-03, UTC")
    told.add_argument("--compare", metavar="PERIOD", help="another one than the one before")
    told.add_argument("--lang", choices=[one.value for one in Language], default=Language.en.value)
    told.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    told.add_argument(
        "--only", action="append", choices=list(SORTS), metavar="FIGURE", help="print no other"
    )
    told.add_argument("--write", type=Path, metavar="DIR", help="report.json, .csv and .html too")
    anew = commands.add_parser("rebuild", help="make the store again, while notify is stopped")
    anew.add_argument("--route", default="", help="address of route's API, for older tickets")
    anew.add_argument("--token-file", help="a file with a token that may read every brand")
    return parser


def _migrate(_: argparse.Namespace) -> int:
    from services.notify.store.tables import HISTORY
    from stream.migrations import migrate

    print(asyncio.run(migrate(read().database_url, HISTORY)))
    return 0


def _serve(chosen: argparse.Namespace) -> int:
    from services.notify.app import serve

    settings = read()
    goals_of(settings)
    bound_goals_of(settings)
    log_to_stderr("notify", settings.log_level)
    asyncio.run(serve(settings, chosen.role))
    return 0


def _sla(chosen: argparse.Namespace) -> int:
    wrong = []
    for answer in answers(Path(chosen.file).read_bytes()):
        print(msgspec.json.encode(answer).decode())
        if answer.error:
            wrong.append(f"{answer.id} ({answer.error})")
    if wrong:
        print(f"sla: {len(wrong)} cases without an answer, first {wrong[0]}", file=sys.stderr)
    return 2 if wrong else 0


def _report(chosen: argparse.Namespace) -> int:
    from services.notify.app import report_of
    from services.notify.reports.files import as_csv, as_json
    from services.notify.reports.page import page
    from services.notify.reports.table import table

    period, settings = read_period(chosen.period), read()
    against = read_period(chosen.compare) if chosen.compare else period.before()
    try:
        found = asyncio.run(report_of(settings, period, against))
    except SQLAlchemyError as error:
        print(f"report: expected notify's tables: {type(error).__name__}", file=sys.stderr)
        return 1
    language = Language(chosen.lang)
    said = words(language)
    shown = found.of_figures(chosen.only) if chosen.only else found
    print(as_json(shown).decode() if chosen.json else table(shown, said))
    if chosen.write:
        chosen.write.mkdir(parents=True, exist_ok=True)
        (chosen.write / "report.json").write_bytes(as_json(found))
        (chosen.write / "report.csv").write_text(as_csv(found), "utf-8", newline="")
        (chosen.write / "report.html").write_text(page(found, said, language), "utf-8")
    return 0


def _rebuild(chosen: argparse.Namespace) -> int:
    from services.notify.rebuilding import Unreachable, rebuild

    token = Path(chosen.token_file).read_text("utf-8").strip() if chosen.token_file else ""
    try:
        count = asyncio.run(rebuild(read(), chosen.route.rstrip("/"), token))
    except (Unreachable, SecondReplica, SQLAlchemyError) as error:
        print(f"rebuild: {error}", file=sys.stderr)
        return 1
    print(f"rebuilt {count} tickets; serve goes on from there")
    return 0


_COMMANDS = {
    "serve": _serve,
    "migrate": _migrate,
    "sla": _sla,
    "report": _report,
    "rebuild": _rebuild,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
