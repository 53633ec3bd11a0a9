"""docs/quiet-alerts.md is followed word for word: its requests in order, its tables, its words.

The inputs that break the easy version: a label or a kind that the page has not heard of; a place
where the hold is shown that the page invents.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from schemas.states import AlertKind, ClockName, PriorityBand
from schemas.vocabulary import Visibility, Vocabulary
from services.route.api.hold import HEADER
from services.route.domain.silence_wish import LONGEST
from services.route.domain.silencing import LABELS
from tests.builders import MONDAY
from tests.docs.test_work_a_case import as_shown
from tests.hands import hands
from tests.integration.quiet_calls import Replica
from tests.integration.route_calls import ROLES
from tests.integration.test_route_on_its_store import running
from tests.tokens import bearing, tokens_file

PAGE = Path("docs/quiet-alerts.md").read_text(encoding="utf-8")
REQUESTS = re.findall(r"^```http (\w+)\n(.*?)^```$", PAGE, flags=re.M | re.S)
ROWS = [
    [cell.strip() for cell in row.strip("|").split("|")]
    for row in re.findall(r"^\|.*\|$", PAGE, flags=re.M)
]


@pytest.fixture
async def route(tmp_path: Path) -> AsyncIterator[Replica]:
    async with running(f"sqlite:///{tmp_path / 'route.db'}", tmp_path) as store:
        replica = Replica(store, hands(MONDAY), tokens_file(tmp_path, **ROLES, desk="viewer"))
        yield replica
        await replica.http.aclose()


async def test_each_request_of_the_page_gets_what_stands_below_it(route: Replica) -> None:
    assert len(REQUESTS) > 7
    for who, block in REQUESTS:
        asked, _, expected = block.partition("→ ")
        head, _, body = asked.strip().partition("\n")
        method, path = head.split(" ")
        answer = await route.http.request(method, path, headers=bearing(who), content=body)
        status, _, shown = expected.strip().partition(" ")
        assert answer.status_code == int(status), (asked, answer.text)
        assert not shown or as_shown(msgspec.json.decode(shown), answer.json()), answer.text


async def test_the_hold_is_shown_where_the_page_says(route: Replica) -> None:
    held = next(block for _, block in REQUESTS if block.startswith("PUT"))
    await route.ask("boss", "PUT", "/v1/alerts/hold", {"reason": "the drill"})

    refused = await route.ask("nobody", "GET", "/v1/tickets")
    duty = await route.ask("ivo", "GET", "/v1/duty")

    assert f"{HEADER}: {refused.headers[HEADER]}" in PAGE
    assert "`alerts_held`" in PAGE
    assert duty.json()["alerts_held"]["since"] in held
    assert "otklik_alerts_held" in PAGE
    assert route.held() == 1


def test_the_table_of_labels_is_what_may_be_silenced() -> None:
    kinds: dict[str, type[Vocabulary]] = {
        "kind": AlertKind,
        "severity": PriorityBand,
        "visibility": Visibility,
        "clock": ClockName,
    }
    labels = [(re.findall(r"`(\w+)`", row[0]), row[1]) for row in ROWS if len(row) == 2]
    shown = {label: values for names, values in labels for label in names}

    assert shown.keys() == set(LABELS)
    for label, kind in kinds.items():
        assert shown[label].split(", ") == [one.value for one in kind if one.value != "unknown"]
    assert f"more than {LONGEST.days} days" in PAGE
