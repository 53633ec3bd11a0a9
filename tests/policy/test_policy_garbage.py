"""Whatever stands in the file, it is read or refused with a place: nothing else comes out.

The inputs that break the easy version: a mapping where the name of a calendar is expected; a list
among the values of a list; a number where a key of the file's own is meant.
"""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.yaml_marks import BadFile, Problem, read_yaml
from services.route.domain.policy_file import read_policy
from tests.policy.small import SMALL, problems, with_rule

CASE = "{disposition: human_review, team: care, sla: calm}"
WHOLE = read_yaml(with_rule("{rude: true, during: night}", CASE, "{rude: true}")).value

_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
)
_WORDS = st.sampled_from(
    ["not", "night", "else", "75%", "2026-12-31", "mon", "DE-BY", "unknown", "senior"]
)
GARBAGE = st.recursive(
    _LEAVES | _WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_WORDS, inner, max_size=2),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value in it."""
    items = list(value.items() if isinstance(value, dict) else [])
    items += list(enumerate(value)) if isinstance(value, list) else []
    return [path, *(found for key, one in items for found in places(one, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """The same with one value exchanged."""
    if not path:
        return by
    key, *rest = path
    if isinstance(value, dict):
        return {**value, key: replaced(value[key], tuple(rest), by)}
    return [replaced(one, tuple(rest), by) if n == key else one for n, one in enumerate(value)]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(places(WHOLE)), GARBAGE)
def test_garbage_anywhere_is_read_or_refused_with_its_place(path: Any, garbage: Any) -> None:
    text = msgspec.json.encode(replaced(WHOLE, path, garbage)).decode()

    found = refused(text)

    assert all(one.line >= 1 and one.path.startswith("$") and one.why for one in found)


def refused(text: str) -> tuple[Problem, ...]:
    """What is wrong with it, if anything."""
    try:
        read_policy(text)
    except BadFile as bad:
        return bad.problems
    return ()


@pytest.mark.parametrize(
    "when",
    [
        "{during: {not: {not: night}}}",
        "{during: [{night: 1}]}",
        "{during: 5}",
        "{addressed: [[direct]]}",
        "{addressed: {not: {not: direct}}}",
        "{lang: [{ru: 1}]}",
        "{urgency: [[1]]}",
        "{flags: {not: [[press]]}}",
        "{rude: [1]}",
        "{author: {vip: true}}",
    ],
)
def test_a_condition_of_the_wrong_shape_is_refused_at_its_line(when: str) -> None:
    (found,) = problems(with_rule(when, CASE, "{rude: true}"))

    line = int(found.partition(":")[0])
    assert f"when: {when}" in with_rule(when, CASE, "{rude: true}").splitlines()[line - 1]


@pytest.mark.parametrize("text", ["", "[]", "- a", "policy", "{", "policy: x", "\t"])
def test_what_is_no_policy_is_refused(text: str) -> None:
    assert problems(text)


def test_the_file_that_is_broken_here_is_whole() -> None:
    assert read_policy(SMALL)
