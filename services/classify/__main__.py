"""How is classify run? Serve the flow, score posts, check replies; JSON Lines in and out."""

import argparse
import asyncio
import sys
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from services.classify.domain.classify import classify, whys_of
from services.classify.domain.lexicon import BadLexicon
from services.classify.domain.model import BadModel
from services.classify.domain.reply_review import Reviewer
from services.classify.domain.reply_sameness import WINDOW, comparable, not_repeated
from services.classify.domain.rows import ReplyRow, Row, TextRow, post_of, scored
from services.classify.model_files import read_minds
from services.classify.settings import MODEL, read, read_lexicons
from stream.log import log_to_stderr
from stream.settings import BadSettings

R = TypeVar("R", bound=TextRow)
MISUSED = 2


class BadLine(Exception):  # noqa: N818 - a line, not an error of ours
    """A line of input is no row; the message says which and what was expected."""


def main(arguments: list[str]) -> int:
    """Run one command; 2 with one clear line where the input cannot be used."""
    chosen = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = chosen.command
    try:
        command(chosen)
    except (BadLine, BadLexicon, BadModel, BadSettings, OSError) as problem:
        print(f"classify: {problem}", file=sys.stderr)
        return MISUSED
    return 0


def serve(_: argparse.Namespace) -> None:
    """Read posts.v1, write classified.v1, until SIGTERM."""
    from services.classify.app import serve as run

    settings = read()
    log_to_stderr("classify", settings.log_level)
    asyncio.run(run(settings))


def score(chosen: argparse.Namespace) -> None:
    """Print the judgement of every row."""
    lexicons = read_lexicons()
    judge, whys = read_minds(MODEL, lexicons).judge, whys_of(lexicons)
    for row in _rows(chosen.file, Row):
        found = classify(post_of(row), judge, whys)
        if chosen.explain:
            found = msgspec.structs.replace(found, evidence=judge.evidence(row.text, row.lang))
        _print(scored(row, found))


def check_reply(chosen: argparse.Namespace) -> None:
    """Print the review of every reply, and whether an earlier one of its thread said the same."""
    reviewer = Reviewer(read_minds(MODEL, read_lexicons()).eye)
    said: dict[str | None, deque[tuple[str | int, str]]] = defaultdict(lambda: deque(maxlen=WINDOW))
    for row in _rows(chosen.file, ReplyRow):
        review = reviewer.review_reply(
            row.text,
            said_at=row.said_at,
            visibility=row.visibility,
            platform=row.platform,
            to=row.to,
        )
        found = comparable(row.text)
        checks = {**review.checks, "not_repeated": not_repeated(found, said[row.thread])}
        if found:
            said[row.thread].append((row.id, found))
        _print({"id": row.id, "review": msgspec.structs.replace(review, checks=checks)})


def train(chosen: argparse.Namespace) -> None:
    """Train a model on a folder of labelled posts and larger sets; needs `make setup`."""
    from services.classify.training.corpora import corpora
    from services.classify.training.train import train as run

    out = Path(chosen.out) if chosen.out else MODEL.parent / chosen.profile
    found = corpora(Path(chosen.data), chosen.profile)
    run(found, out, chosen.profile, read_lexicons(), _tell)


def evaluate(chosen: argparse.Namespace) -> None:
    """Print how good a model is on the labelled posts of a folder, as tables."""
    from services.classify.training.evaluate import evaluate as run

    lexicons = read_lexicons()
    print(run(Path(chosen.data), Path(chosen.model), lexicons, whys_of(lexicons)))


def _tell(line: str) -> None:
    print(f"train: {line}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.classify", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("serve", help=serve.__doc__).set_defaults(command=serve)
    for name, command in (("score", score), ("check-reply", check_reply)):
        reads = commands.add_parser(name, help=command.__doc__)
        reads.add_argument(
            "file", nargs="?", default="-", help="JSON Lines; - reads standard input"
        )
        reads.set_defaults(command=command)
        if command is score:
            reads.add_argument("--explain", action="store_true", help="show where each axis shows")
    trains = commands.add_parser("train", help=train.__doc__)
    trains.add_argument("--profile", choices=("full", "permissive"), default="full")
    trains.add_argument("--out", help="the folder to write; the profile's own if not said")
    evaluates = commands.add_parser("evaluate", help=evaluate.__doc__)
    evaluates.add_argument("--model", default=str(MODEL), help="the folder of a model")
    for learns, command in ((trains, train), (evaluates, evaluate)):
        learns.add_argument("--data", required=True, help="a folder with labels/ and train/")
        learns.set_defaults(command=command)
    return parser


def _rows(file: str, kind: type[R]) -> Iterator[R]:
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    decoder = msgspec.json.Decoder(kind)
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            yield _row(decoder, line, number)


def _row(decoder: msgspec.json.Decoder[R], line: bytes, number: int) -> R:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadLine(f"line {number}: expected an object with id and text, {error}") from error


def _print(answer: object) -> None:
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
