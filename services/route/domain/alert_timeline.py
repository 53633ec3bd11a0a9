"""What happens to alerts, line by line? A timeline to try a policy on: alerts, silences, people."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from schemas.event import Instant, derive_id
from schemas.states import AlertKind, PriorityBand
from schemas.vocabulary import CaseTopic
from services.route.domain.export import BadLine, numbered
from services.route.domain.intents import AlertIntent, CaseNews
from services.route.domain.message import About
from services.route.domain.needs import Needs, language_of
from services.route.domain.policy import Policy
from services.route.domain.silencing import (
    LABEL_WORDS,
    Said,
    Silence,
    match_of,
    misspelt,
    values_of,
)


class Fires(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert: its id, its labels, since when, and until when where that is known."""

    id: str
    labels: dict[str, str] = {}
    since: Instant | None = None
    until: Instant | None = None
    count: int = 1


class Quieted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A silence, by its id; it holds at once, or since a time to come."""

    id: int = 1
    matches: dict[str, Said]
    since: Instant | None = None
    until: Instant


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens at an instant: one of these. ``ends``, ``claims`` name an alert.

    ``acknowledges`` names an alert too: all its groups become somebody's own.
    """

    at: Instant
    fires: Fires | None = None
    ends: str | None = None
    claims: str | None = None
    acknowledges: str | None = None
    by: str = "somebody"
    silences: Quieted | None = None
    unsilences: int | None = None
    holds: bool | None = None


def read_timeline(lines: Iterable[str | bytes], teams: Collection[str]) -> Sequence[Line]:
    """The lines of a timeline in order of time; raises ``BadLine`` with the number of the line."""
    found, known = [], {**LABEL_WORDS, "team": teams}
    for number, text in numbered(lines):
        try:
            line = msgspec.json.decode(text, type=Line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadLine(f"line {number}: {error}") from error
        for why in _wrong(line, known):
            raise BadLine(f"line {number}: {why}")
        found.append(line)
    return sorted(found, key=lambda one: one.at)


def _wrong(line: Line, known: Mapping[str, Collection[str]]) -> Iterator[str]:
    """What is misspelt, and where."""
    labels = line.fires.labels if line.fires else {}
    matches = line.silences.matches if line.silences else {}
    said = {f"fires.labels.{label}": (label, (value,)) for label, value in labels.items()}
    asked = {f"silences.matches.{label}": (label, values_of(one)) for label, one in matches.items()}
    for place, (label, values) in {**said, **asked}.items():
        named = filter(None, values)  # "" asks for a label that is missing
        yield from (f"{place}: {why}" for why in misspelt(label, named, known))


def intents_of(
    line: Line, policy: Policy, needs: Mapping[str, Needs]
) -> Iterator[AlertIntent | CaseNews]:
    """What a decision would have left for such a line."""
    if line.fires:
        yield _alert(line.fires, line.at, policy, needs)
    for alert, over in ((_over(line), True), (line.claims, False)):
        if alert:
            name = derive_id(alert, "CaseNews", line.at, over)
            yield CaseNews(id=name, ticket_id=alert, at=line.at, over=over)


def _over(line: Line) -> str | None:
    """The alert that ends with a line; also one that comes when its time has passed."""
    fires = line.fires
    return fires.id if fires and fires.until and fires.until <= line.at else line.ends


def _alert(said: Fires, at: datetime, policy: Policy, needs: Mapping[str, Needs]) -> AlertIntent:
    since, team = said.since or at, said.labels.get("team", policy.last_resort)
    labels = {"brand": "brand", "kind": "case", "team": team, **said.labels}
    lang = language_of(policy.teams[team].languages, needs)
    return AlertIntent(
        id=derive_id(said.id, "AlertIntent", at),
        base=said.id,
        kind=AlertKind(labels["kind"]),
        severity=PriorityBand(labels.get("severity", "normal")),
        brand=labels["brand"],
        team=team,
        ticket_id=said.id,
        count=said.count,
        need=needs[lang].topics[CaseTopic(labels.get("topic", "other"))],
        link=None,
        at=since,
        partition=0,
        about=About(lang=lang, team=policy.teams[team].title),
        labels=labels,
        one_case=True,
        holds=said.until - since if said.until else None,
    )


def silence_of(said: Quieted, at: datetime) -> Silence:
    """The silence of a line."""
    matches = tuple(match_of(label, one) for label, one in said.matches.items())
    since = max(said.since or at, at)
    return Silence(id=said.id, matches=matches, since=since, until=said.until, by="", reason="")
