"""Policies and facts that nobody would think of; most of them near what must not happen."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from schemas.decisions import Facts
from schemas.vocabulary import Addressed, Disposition, Flag, Intent, Vocabulary
from schemas.yaml_marks import BadFile, Document
from services.route.domain.conditions import Numbers, Tags, Values
from services.route.domain.fields import FIELDS, Field
from services.route.domain.policy import Policy
from services.route.domain.policy_file import checked

HEAD: Mapping[str, Any] = {
    "policy": "fuzz",
    "calendars": {
        "office": {"timezone": "Europe/Sofia", "weekly": {"mon-fri": "09:00-18:00"}},
        "night": {"timezone": "Europe/Sofia", "weekly": {"mon-sun": "18:00-09:00"}},
    },
    "sla": {"calm": {"first_response": "2h"}},
    "teams": {
        "care": {
            "languages": ["ru", "bg", "en", "de"],
            "duty": [{"during": "always", "people": ["vera"]}],
            "alerts": "slack",
        }
    },
}
ASKING = (Intent.question, Intent.complaint, Intent.request)
NEAR = ("addressed", "intent", "fair_claim", "rude", "own", "kind", "flags", "solvable")
"""The fields on which the shelters of silence stand."""

SHELTERED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("listen", {"addressed": ["mention", "none"]}),
    ("listen", {"addressed": {"not": "direct"}}),
    ("ignore_spam", {"intent": "spam"}),
    ("no_reply_insult", {"rude": True, "fair_claim": False, "intent": ["talk", "complaint"]}),
    ("none", {"own": True}),
    ("none", {"kind": "repost", "fair_claim": False, "intent": ["talk", "praise"]}),
)
"""Where silence is allowed."""

_WORDS = st.sampled_from([*(one.value for one in Disposition), "delete", "hide"])
_MODES = st.sampled_from(("active", "active", "active", "active", "monitor", "expired"))
_NUMBERS = st.integers(-1, 110)
_TEXTS = st.sampled_from(("ru", "bg", "en", "de"))
_INSTANTS = st.datetimes(
    datetime(2026, 12, 29),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2027, 1, 3),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)


def some(values: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[Any]:
    """A value or a list of them, or all but those."""
    lists = st.lists(values, min_size=1, max_size=most, unique=True)
    plain = values | lists
    return plain | plain.map(lambda said: {"not": said})


def numbers() -> st.SearchStrategy[Any]:
    """A number, a comparison, a range."""
    compared = st.builds("{} {}".format, st.sampled_from((">=", "<=", ">", "<")), _NUMBERS)
    ranges = st.tuples(_NUMBERS, _NUMBERS).map(lambda pair: "{}..{}".format(*sorted(pair)))
    return _NUMBERS | compared | ranges


@cache
def condition(name: str) -> st.SearchStrategy[Any]:
    """What may stand at this field."""
    if name == "during":
        return some(st.sampled_from(("office", "night", "always")), most=2)
    field = FIELDS[name]
    if field.kind == "number":
        return some(numbers() | st.none() if field.nullable else numbers())
    if field.kind == "text":
        return some(_TEXTS)
    return some(st.sampled_from([str(v) if isinstance(v, str) else v for v in field.values]))


@cache
def _names(known: tuple[str, ...], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(known), max_size=most, unique=True)


@st.composite
def conditions(draw: st.DrawFn, near: tuple[str, ...] = NEAR) -> dict[str, Any]:
    """The ``when`` of a rule: mostly what shelters, now and then anything else."""
    names = draw(_names(near, 4)) + draw(_names((*FIELDS, "during"), 2))
    return {name: draw(condition(name)) for name in dict.fromkeys(names)}


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """A rule in any mode with any disposition, words that do not exist among them."""
    word, when = draw(_MEANINGS)
    mode = draw(_MODES)
    then = {"disposition": word, "team": "care", "sla": "calm"}
    rule = {"why": "fuzz", "when": when or {"rude": True}, "then": then, "mode": mode}
    if draw(st.booleans()):
        rule["until"] = "2026-12-31"
    return rule


@st.composite
def _free(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    return draw(_WORDS), draw(conditions())


@st.composite
def _sheltered(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Silence where it is allowed, or one change away from it."""
    word, shelter = draw(st.sampled_from(SHELTERED))
    changed = draw(st.sampled_from((None, *shelter)))
    when = {field: value for field, value in shelter.items() if field != changed}
    if changed and draw(st.booleans()):
        when[changed] = draw(condition(changed))
    return word, {**when, **(draw(conditions()) if draw(st.booleans()) else {})}


_MEANINGS = st.one_of(_sheltered(), _sheltered(), _sheltered(), _free())


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A policy that is accepted: what is refused of it is left out until it is."""
    found = draw(st.lists(rules(), min_size=1, max_size=4))
    rest = {"disposition": "human_review", "team": "care", "sla": "calm"}
    found = [*found, {"why": "the rest", "then": rest}]
    while True:
        named = [{**rule, "id": f"r{n}"} for n, rule in enumerate(found)]
        try:
            return checked(Document({**HEAD, "rules": named}, {}), "fuzz")[1]
        except BadFile as bad:
            refused = {f"$.rules[{n}]" for n in range(len(found))}
            paths = {one.path.partition("]")[0] + "]" for one in bad.problems} & refused
            if not paths:
                raise
            found = [rule for n, rule in enumerate(found) if f"$.rules[{n}]" not in paths]


@cache
def facts() -> st.SearchStrategy[Facts]:
    """Facts of any sort, words from the future and unknown numbers among them."""
    drawn = {name: _fact(field) for name, field in FIELDS.items() if name != "author"}
    return st.builds(Facts, **drawn, at=st.none() | _INSTANTS)


@st.composite
def aimed(draw: st.DrawFn, /, **fixed: st.SearchStrategy[Any]) -> tuple[Policy, Facts]:
    """A policy and facts that come as near as they may to what one of its rules asks for."""
    policy, post = draw(policies()), draw(facts())
    wanted: dict[str, Any] = {}
    for one in draw(st.sampled_from(policy.rules)).matchers:
        match one:
            case Values(negated=False):
                wanted[one.field] = draw(st.sampled_from(sorted(one.values, key=str)))
            case Numbers(spans=((low, _), *_)):
                wanted[one.field] = low
            case Tags(negated=False) if one.field == "author":
                wanted.update(dict.fromkeys(one.values, True))
            case Tags(negated=False):
                wanted[one.field] = tuple(map(Flag, one.values))
            case _:
                continue
    given = {field: draw(values) for field, values in fixed.items()}
    return policy, msgspec.structs.replace(post, **{**wanted, **given})


def requests(*intents: Intent, fair_claim: bool | None = True) -> st.SearchStrategy[Any]:
    """A customer asks us something, with a fair claim or (None) with any."""
    claims = st.booleans() if fair_claim is None else st.just(fair_claim)
    return aimed(
        addressed=st.just(Addressed.direct),
        intent=st.sampled_from(intents or ASKING),
        fair_claim=claims,
        own=st.sampled_from((False,)),
    )


def _fact(field: Field) -> st.SearchStrategy[Any]:
    if field.kind == "number":
        return _NUMBERS | st.none() if field.nullable else _NUMBERS
    if field.kind == "text":
        return st.sampled_from(("ru", "bg", "en", "de", "fr"))
    if field.kind == "tags":
        return st.lists(st.sampled_from(list(Flag)), max_size=3, unique=True).map(tuple)
    kind = type(field.values[0])
    return st.sampled_from([*kind]) if issubclass(kind, Vocabulary) else st.booleans()
