"""Ingest from the command line: serve, normalize, answer, import, doctor."""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
from aiokafka.errors import KafkaError

from schemas.dead_letters import Reason
from schemas.posts import SocialPost
from services.ingest.domain.brands import Account
from services.ingest.domain.fate import Unavailable
from services.ingest.domain.place import alone
from services.ingest.domain.receipt import Delivery, Ignored, Native, Refused, Seen
from services.ingest.platforms import bulk
from services.ingest.platforms.table import read as understood
from services.ingest.plugins import platforms
from services.ingest.settings import ENVIRONMENT, read
from stream.clock import parse_clock
from stream.log import log_to_stderr
from stream.settings import BadSettings

_NO_KEY = (
    "expected ERASURE_KEY and DATABASE_URL as ingest itself has them: without them a file brings "
    "back who was forgotten; --without-erasure-key imports nevertheless"
)
_ROWS = {".csv": bulk.csv_rows, ".jsonl": bulk.json_lines, ".ndjson": bulk.json_lines}


class _Unusable(Exception):  # noqa: N818 - reads as what it is
    """What was asked cannot be done; one line says why."""


def main(arguments: list[str]) -> int:
    """Run one command; 0 done, 1 not wholly done, 2 bad usage."""
    command = "ingest"
    try:
        chosen = _parser().parse_args(arguments)
        command = chosen.command
        return int(_COMMANDS[command](chosen))
    except (BadSettings, _Unusable, OSError, msgspec.DecodeError) as error:
        print(f"{command}: {error}", file=sys.stderr)
        return 2
    except KafkaError as error:
        print(f"{command}: expected a broker, got {type(error).__name__}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.ingest")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the store to this release")
    commands.add_parser("recover", help="forget anew, in a store that was put back from a backup")
    serve = commands.add_parser("serve", help="run the service until SIGTERM")
    serve.add_argument("--role", choices=("all", "web", "poll"), default="all")
    normalize = commands.add_parser("normalize", help="what posts do these payloads hold?")
    normalize.add_argument("--source", choices=sorted(platforms()), required=True)
    normalize.add_argument("--own", action="append", default=[], help="an id of the brand's own")
    normalize.add_argument("files", nargs="+")
    answer = commands.add_parser("answer", help="how is this whole request answered?")
    answer.add_argument("--now", help="the time of receipt: Unix seconds, or RFC 3339")
    answer.add_argument("files", nargs="+")
    commands.add_parser("doctor", help="has ingest all that it needs to run?")
    imports = commands.add_parser("import", help="keep the posts of a file: JSON Lines or CSV")
    imports.add_argument("file")
    imports.add_argument("--results", help="a file for what became of each row; else it is printed")
    imports.add_argument(
        "--without-erasure-key", action="store_true", help="keep authors who can never be forgotten"
    )
    imports.add_argument("--account", required=True, help="SOURCE/ACCOUNT of brands.yaml")
    return parser


def _migrate(_: argparse.Namespace) -> int:
    from services.ingest.store.tables import HISTORY
    from stream.migrations import migrate

    print(asyncio.run(migrate(read().database_url, HISTORY)))
    return 0


def _recover(_: argparse.Namespace) -> int:
    from services.ingest.recovering import recover

    count = asyncio.run(recover(read()))
    print(f"ingest: {count} authors had asked to be forgotten since; they are now")
    return 0


def _serve(chosen: argparse.Namespace) -> int:
    from services.ingest.app import serve

    settings = read()
    log_to_stderr("ingest", settings.log_level)
    asyncio.run(serve(settings, ENVIRONMENT, chosen.role))
    return 0


def _normalize(chosen: argparse.Namespace) -> int:
    account = Account(
        brand="brand",
        source=chosen.source,
        id="account",
        channel_role="service",
        own_ids=frozenset(chosen.own),
    )
    seen = Seen(account=account, received_at=parse_clock("").now())
    platform, unread = platforms()[chosen.source], 0
    for file in chosen.files:
        try:
            body = Path(file).read_bytes()
        except OSError as error:
            print(f"normalize: {error}", file=sys.stderr)
            unread += 1
            continue
        delivery = Delivery(headers={}, query={}, body=body)
        found = [understood(platform, native, seen) for native in platform.split(delivery)]
        _say({"file": file, **_outcome(found)})
    return 2 if unread else 0


def _outcome(found: Sequence[SocialPost | Ignored | Refused]) -> dict[str, object]:
    posts = [alone(one) for one in found if isinstance(one, SocialPost)]
    refused = [one for one in found if isinstance(one, Refused)]
    outcome = "posts" if posts else "ignored"
    if refused and not posts:
        unknown = all(one.reason is Reason.unsupported_event for one in refused)
        outcome = "ignored" if unknown else "invalid"
    if any(one.reason is Reason.unknown_account for one in refused) and not posts:
        outcome = "rejected"
    why = "; ".join(
        [f"{one.reason}: {one.detail}" for one in refused]
        + [one.why for one in found if isinstance(one, Ignored)]
    )
    return {"outcome": outcome, "posts": posts, "reason": why or None}


def _answer(chosen: argparse.Namespace) -> int:
    from services.ingest.rehearsal import rehearse

    now = _instant(chosen.now) if chosen.now else parse_clock("").real()
    for file in chosen.files:
        _say({"file": file, **asyncio.run(rehearse(Path(file), now))})
    return 0


def _instant(text: str) -> datetime:
    try:
        if text.replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(text), UTC)
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _Unusable(f"--now: expected Unix seconds or RFC 3339, got {text}") from error


def _import(chosen: argparse.Namespace) -> int:
    file = Path(chosen.file)
    rows = _ROWS.get(file.suffix.lower())
    source, _, account = chosen.account.partition("/")
    if rows is None:
        raise _Unusable(f"expected a file of {', '.join(_ROWS)}, got {file.name}")
    if not account:
        raise _Unusable(f"--account: expected SOURCE/ACCOUNT, got {chosen.account}")
    settings = read()
    if not settings.erasure_key and not chosen.without_erasure_key:
        raise _Unusable(_NO_KEY)
    log_to_stderr("ingest", settings.log_level)
    natives = tuple(rows(bulk.read_text(file.read_bytes())))
    with ExitStack() as held:
        results = held.enter_context(Path(chosen.results).open("wb")) if chosen.results else None
        totals = asyncio.run(_import_all((source, account), natives, results))
    names = ("accepted", "duplicate", "ignored", "dead_lettered", "unavailable")
    _say({"file": chosen.file, "rows": len(natives), **{name: totals[name] for name in names}})
    return int(bool(totals["unavailable"] or totals["dead_lettered"]))


async def _import_all(
    where: tuple[str, str], natives: Sequence[Native], results: BinaryIO | None
) -> Counter[str]:
    from services.ingest.importing import import_rows

    totals: Counter[str] = Counter()
    async for done in import_rows(read(), where, natives):
        if isinstance(done, Unavailable):
            totals["unavailable"] = len(natives) - totals.total()
            break
        for fate in done.fates:
            totals[fate.outcome] += 1
            _say(fate, results)
        _progress(totals.total(), len(natives))
    return totals


def _doctor(_: argparse.Namespace) -> int:
    return asyncio.run(_examine())


async def _examine() -> int:
    from services.ingest.checkup import examined

    well = True
    async for one in examined(read(), ENVIRONMENT):
        print(one, flush=True)
        well = well and one.well
    return int(not well)


def _progress(done: int, rows: int) -> None:
    """A bar for a person; nothing where nobody watches."""
    if sys.stderr.isatty():
        filled = 40 * done // max(rows, 1)
        end = "\n" if done == rows else ""
        bar = "#" * filled + "." * (40 - filled)
        print(f"\r[{bar}] {done:,} of {rows:,} rows", end=end, file=sys.stderr, flush=True)


def _say(answer: object, file: BinaryIO | None = None) -> None:
    line = msgspec.json.encode(answer)
    if file:
        file.write(line + b"\n")
    else:
        print(line.decode())


_COMMANDS = {
    "serve": _serve,
    "migrate": _migrate,
    "recover": _recover,
    "normalize": _normalize,
    "answer": _answer,
    "import": _import,
    "doctor": _doctor,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
