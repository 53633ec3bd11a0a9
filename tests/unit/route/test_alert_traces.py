"""An alert remembers what caused it, for whoever is told of it hours later.

The inputs that break the easy version: an alert that many posts cause, two alerts of one post, rows
of before this was remembered.
"""

from typing import Any

import msgspec

from schemas.event import Contract
from schemas.states import AlertState
from services.route.domain.alerting import FIRST_TRACES, Member, Notice
from services.route.domain.grouping import grown
from services.route.domain.intents import AlertIntent, decode_intent
from services.route.domain.telling import notice_of
from tests.boards import a_group
from tests.unit.route.test_alertmanager_tables import NOW, a_member, an_intent


def test_it_names_the_first_of_many() -> None:
    member = a_member("a", traces=("first",))
    for number in range(FIRST_TRACES + 10):
        member = grown(member, an_intent(traces=(f"trace {number}",)), NOW)

    assert member.traces[:2] == ("first", "trace 0")
    assert len(member.traces) == FIRST_TRACES


def test_what_is_told_of_a_group_names_what_caused_its_alerts_once() -> None:
    members = (a_member("a", traces=("one", "two")), a_member("b", traces=("one",)))

    assert notice_of(a_group("g"), AlertState.raised, members, NOW).traces == ("one", "two")


def test_rows_of_before_are_read() -> None:
    member, notice = _before(a_member("a")), _before(_notice())
    assert msgspec.convert(member, Member).traces == ()
    assert msgspec.convert(notice, Notice).traces == ()
    read = decode_intent(msgspec.json.encode(_before(an_intent(traces=("x",)))))
    assert isinstance(read, AlertIntent)
    assert read.traces == ()


def _notice() -> Notice:
    return notice_of(a_group("g"), AlertState.raised, (a_member("a"),), NOW)


def _before(row: Contract) -> dict[str, Any]:
    old: dict[str, Any] = msgspec.to_builtins(row)
    del old["traces"]
    return old
