"""What did customers and companies say to each other? Real dialogues, as posts that we can play.

``python -m deploy.demo.conversations FILE.json > posts.jsonl`` converts the published set of IBM
(twitter-customer-care): a list of {dialogHeader: {company, ...}, dialogContent: [{client | agent:
NAME, datetime, message, tweet_ID}, ...], agentURL: {url_utterance, tweet_ID, ...}}. The company's
last reply stands in ``agentURL`` alone, without a time: a tweet's number holds its own.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import msgspec

from deploy.demo.script import BRANDS, Line, conversations, payload
from deploy.local.process import LaunchError

ACCOUNT = "shop"
"""The company that all of them are played as."""

DAYS = 2
"""How long the play lasts: what was written later is left out, its case stays open."""

_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
"""Where the time inside the number of a tweet begins."""
_SINCE_THEN = 2**53
"""Older tweets have small numbers that hold no time."""


class Dialogue(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One conversation of the set; its turns name their speaker by the key."""

    dialog_content: tuple[dict[str, Any], ...]
    agent_url: dict[str, Any] = msgspec.field(name="agentURL", default_factory=dict)


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One message: whose, when, and which one it answers."""

    id: str
    at: datetime
    by: str
    text: str
    thread: str
    re: str | None = None

    @property
    def is_reply(self) -> bool:
        """Is it the company's?"""
        return self.by == "brand"


class Conversations(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds that can be played, and how much of it cannot, by reason."""

    dialogues: tuple[tuple[Turn, ...], ...]
    left_out: dict[str, int]

    @property
    def turns(self) -> list[Turn]:
        """All messages in the order of their own time."""
        return sorted((t for turns in self.dialogues for t in turns), key=lambda turn: turn.at)


def read_conversations(file: Path) -> Conversations:
    """The conversations of a file; raises ``LaunchError`` where it holds another format."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=tuple[Dialogue, ...])
    except msgspec.MsgspecError as error:
        raise LaunchError(f"{file.name}: expected conversations of the IBM set: {error}") from error
    left_out: Counter[str] = Counter()
    seen: set[str] = set()
    dialogues = tuple(tuple(_turns(one, seen, left_out)) for one in found)
    return Conversations(dialogues=tuple(filter(None, dialogues)), left_out=dict(left_out))


def on_the_day(found: Conversations) -> list[Line]:
    """Lines of the demo's day: each dialogue at its own time of day, with its own pauses."""
    lines = [line for turns in found.dialogues for line in _lines(turns)]
    return sorted(lines, key=lambda line: line.instant)


def _turns(dialogue: Dialogue, seen: set[str], left_out: Counter[str]) -> Iterator[Turn]:
    said = [(one, _time(one)) for one in (*dialogue.dialog_content, _last(dialogue)) if one]
    left_out["without a time"] += sum(at is None for _, at in said)
    timed = sorted(((at, one) for one, at in said if at), key=lambda pair: pair[0])
    asked: str | None = None
    before: str | None = None
    thread = ""
    for at, one in timed:
        name, own = _speaker(one)
        number = str(one["tweet_ID"])
        thread = thread or number
        if own and asked is None:
            left_out["a reply to nobody"] += 1
            thread = ""
            continue
        if number in seen:
            left_out["said twice"] += 1
        else:
            re = asked if own else before
            yield Turn(
                id=number, at=at, by=name, text=unescape(one["message"]), thread=thread, re=re
            )
        seen.add(number)
        asked, before = asked if own else number, number


def _last(dialogue: Dialogue) -> dict[str, Any]:
    """The company's last reply, which the set keeps apart for the link in it."""
    last = dialogue.agent_url
    if not last.get("url_utterance"):
        return {}
    return {"agent": "", "message": last["url_utterance"], "tweet_ID": last.get("tweet_ID", "")}


def _speaker(one: dict[str, Any]) -> tuple[str, bool]:
    own = "agent" in one
    key = next((key for key in one if key.startswith("client")), "client")
    return ("brand" if own else str(one.get(key) or "somebody")), own


def _time(one: dict[str, Any]) -> datetime | None:
    """The time that is given, else the one inside the tweet's number, else none."""
    try:
        return datetime.fromisoformat(one["datetime"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        number = str(one.get("tweet_ID", ""))
    if not number.isdecimal() or not _SINCE_THEN < int(number) < 2**63:
        return None
    return _EPOCH + timedelta(milliseconds=int(number) >> 22)


def _lines(turns: Sequence[Turn]) -> Iterator[Line]:
    start = turns[0].at.replace(hour=0, minute=0, second=0, microsecond=0)
    for turn in turns:
        minutes = (turn.at - start).total_seconds() / 60
        if minutes < DAYS * 24 * 60:
            yield _line(turn, f"{int(minutes // 60):02d}:{minutes % 60:.4f}")


def _line(turn: Turn, at: str) -> Line:
    tags = () if turn.is_reply else (BRANDS[ACCOUNT],)
    return Line(
        at=at,
        to=ACCOUNT,
        id=turn.id,
        by=turn.by,
        text=turn.text,
        re=turn.re,
        tags=tags,
        thread=turn.thread,
    )


def rows(turns: Iterable[Turn]) -> Iterator[dict[str, Any]]:
    """Posts as a file that ingest imports: at their own times, the company's by its own id."""
    said = [(turn, _line(turn, "00:00")) for turn in turns]
    within = conversations(line for _, line in said)
    for turn, line in said:
        yield {**payload(line, within[line.id]), "posted_at": turn.at.isoformat()}


def main(arguments: list[str]) -> int:
    """Convert one file to standard output; 0 done, 1 not this format, 2 bad usage."""
    if len(arguments) != 1:
        print("usage: python -m deploy.demo.conversations FILE.json", file=sys.stderr)
        return 2
    try:
        found = read_conversations(Path(arguments[0]))
    except (LaunchError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for row in rows(found.turns):
        print(msgspec.json.encode(row).decode())
    for why, count in found.left_out.items():
        print(f"left out: {count} x {why}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
