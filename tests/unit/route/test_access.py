"""Who may do what, for which brand: the whole table, written by hand.

The inputs that break the easy version: a lead of one brand at another's case; an auditor who
closes; two roles of one person for two brands.
"""

import pytest

from services.route.domain.access import Act, Caller, Grant, Role

TABLE = {
    Role.viewer: "read",
    Role.agent: "read work",
    Role.lead: "read work direct audit govern",
    Role.admin: "read work direct audit govern privacy",
    Role.auditor: "read audit",
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("act", list(Act))
def test_each_role_may_what_the_table_says(role: Role, act: Act) -> None:
    somebody = Caller(name="x", grants=[Grant(role=role)])

    assert somebody.may(act, "severbank") is (act.value in TABLE[role].split())


def test_a_role_for_one_brand_is_none_for_another_nor_for_all() -> None:
    lead = Caller(name="x", grants=[Grant(role=Role.lead, brands=("severbank",))])

    assert lead.may(Act.direct, "severbank")
    assert not lead.may(Act.direct, "lavka")
    assert not lead.may(Act.govern)
    assert lead.brands(Act.read) == frozenset({"severbank"})


def test_two_roles_of_one_person_do_not_mix() -> None:
    grants = [
        Grant(role=Role.lead, brands=("severbank",)),
        Grant(role=Role.viewer, brands=("lavka",)),
    ]
    both = Caller(name="x", grants=grants)

    assert both.may(Act.work, "severbank")
    assert both.may(Act.read, "lavka")
    assert not both.may(Act.work, "lavka")
    assert both.brands(Act.read) == frozenset({"severbank", "lavka"})
    assert Caller(name="x", grants=[Grant(role=Role.viewer)]).brands(Act.audit) == frozenset()
