"""What is to be decided, and how is it answered? The rows of ``decide`` and ``explain``."""

from collections.abc import Iterable, Iterator

import msgspec

from schemas.classified import ClassifiedPost, Part
from schemas.decisions import Facts
from schemas.event import Instant
from schemas.states import RuleMode
from schemas.vocabulary import Op
from services.route.domain.decide import (
    Surroundings,
    decide,
    explain,
    facts_of,
    hush_of,
    matching,
)
from services.route.domain.export import BadLine, numbered
from services.route.domain.matchers import BadCondition, read_facts
from services.route.domain.policy import Policy

Answer = dict[str, object]
_DECIDED = frozenset({Op.created, Op.edited})
_WANTED = "expected {id, facts}, {id, classified} or a ClassifiedPost"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what a rule may look at, the parts so far, and why nobody may be paged."""

    id: str | int
    facts: Facts
    parts: tuple[Part, ...]
    hush: str | None = None


class _Row(msgspec.Struct):
    id: str | int = ""
    type: str | None = None
    facts: dict[str, msgspec.Raw] | None = None
    classified: ClassifiedPost | None = None


class _Moment(msgspec.Struct):
    at: Instant | None = None
    on_duty: dict[str, tuple[str, ...]] = {}


def asked(lines: Iterable[bytes], policy: Policy) -> Iterator[Asked]:
    """The rows as facts, other events passed over; a bad one is a ``BadLine`` with its number."""
    for number, line in numbered(lines):
        try:
            row = _read(line, policy)
        except (msgspec.DecodeError, UnicodeDecodeError, BadCondition) as error:
            raise BadLine(f"line {number}: {_WANTED}: {error}") from error
        if row:
            yield row


def decided(row: Asked, policy: Policy) -> Answer:
    """The decision on a row, with all that it rests on."""
    verdict = decide(row.facts, row.parts, policy, hush=row.hush)
    then = verdict.rule.then
    return {
        "id": row.id,
        "rule": verdict.rule.id,
        "disposition": verdict.disposition,
        "team": then.team,
        "priority": verdict.band,
        "priority_number": verdict.priority,
        "parts": verdict.parts,
        "sla": then.sla,
        "alert": verdict.alert,
        "suggestion": then.suggestion,
        **({"seniority": then.seniority} if then.seniority else {}),
        "reasons": verdict.reasons,
        "monitored": verdict.monitored,
        "policy": policy.hash,
    }


def explained(row: Asked, policy: Policy) -> Answer:
    """Each rule with yes or no and the reason, and which of them decides."""
    rules = {rule.id: rule for rule in policy.rules}
    return {
        "id": row.id,
        "decides": matching(policy, row.facts).id,
        "rules": [
            {
                "rule": name,
                "matches": refusal is None,
                "reason": refusal or rules[name].why,
                **({} if rules[name].mode is RuleMode.active else {"mode": rules[name].mode}),
            }
            for name, refusal in explain(policy, row.facts)
        ],
    }


def _read(line: str | bytes, policy: Policy) -> Asked | None:
    """A row; None for an event on which nobody decides, so that a whole topic can be given."""
    row = msgspec.json.decode(line, type=_Row)
    if row.type == ClassifiedPost.__name__:
        event = msgspec.json.decode(line, type=ClassifiedPost)
        return _classified(event.post.id, event, policy)
    if row.classified:
        return _classified(row.id or row.classified.post.id, row.classified, policy)
    if row.type:
        return None
    if row.facts is None:
        raise BadCondition("it has neither facts nor a classified post")
    facts = _facts(row.facts)
    whole = Part(name="urgency", points=facts.urgency, why="the urgency among the facts")
    return Asked(id=row.id, facts=facts, parts=(whole,) if facts.urgency else ())


def _facts(raw: dict[str, msgspec.Raw]) -> Facts:
    """The facts; time and people on duty are no condition of a rule, and may be there."""
    plain = {name: msgspec.json.decode(value) for name, value in raw.items()}
    moment = {name: plain.pop(name) for name in _Moment.__struct_fields__ if name in plain}
    when = msgspec.convert(moment, _Moment)
    return msgspec.structs.replace(read_facts(plain), at=when.at, on_duty=when.on_duty)


def _classified(name: str | int, event: ClassifiedPost, policy: Policy) -> Asked | None:
    """A post by itself: the case so far and the topic's window are not known here."""
    post, judged, around = event.post, event.classification, Surroundings()
    if post.op not in _DECIDED:
        return None
    return Asked(
        id=name,
        facts=facts_of(event, around, policy),
        parts=judged.parts if judged else (),
        hush=hush_of(post, around, policy),
    )
