"""A real Alertmanager as a sink: one alert per group, however often it is told, until it is over.

The inputs that break the easy version: the same message again because its answer was lost; an
update whose count has changed; a message that says it is over; two groups at once.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx
import pytest

from deploy.local import alertmanager
from deploy.local.ready_server import Server
from schemas.alerts import AlertChanged
from schemas.states import AlertState, PriorityBand
from services.route.channels.delivering import Channel
from services.route.channels.opening import open_channel
from services.route.channels.reaching import targets_client
from services.route.domain.message import Message, Sending
from stream.clock import parse_clock
from tests.unit.route.test_message import STOLEN, alert

CLOCK = parse_clock("")


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = alertmanager.start(tmp_path_factory.mktemp("alertmanager"))
    yield found
    found.stop()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with targets_client() as found:
        yield found


@pytest.fixture
def channel(sink: Server, client: httpx.AsyncClient) -> Channel:
    return open_channel("ops", f"alertmanager:{sink.url}", client, "")


def group(key: str, state: str = "raised", **changes: Any) -> AlertChanged:
    return alert(STOLEN["ru"], group_key=key, state=AlertState(state), **changes)


async def tell(channel: Channel, told: AlertChanged) -> None:
    message = Message(text=told.need, state=told.state, severity=told.severity, link=told.link)
    await channel.send(Sending(id=told.event_id, alert=told, message=message, at=CLOCK.real()))


async def active(sink: Server, client: httpx.AsyncClient, *keys: str) -> Sequence[Any]:
    """What its own API shows of these groups."""
    wanted = f"group_key=~{'|'.join(map(re.escape, keys))}"
    answer = await client.get(
        f"{sink.url}/api/v2/alerts", params={"active": "true", "filter": wanted}
    )
    found: Sequence[Any] = answer.raise_for_status().json()
    return found


async def test_an_alert_is_active_under_our_labels(
    sink: Server, channel: Channel, client: httpx.AsyncClient
) -> None:
    await tell(channel, group("severbank:cards:1"))

    (found,) = await active(sink, client, "severbank:cards:1")
    assert found["status"]["state"] in {"unprocessed", "active"}
    assert found["labels"] == {
        "alertname": "OtklikCall",
        "group_key": "severbank:cards:1",
        "brand": "severbank",
        "team": "cards",
        "kind": "case",
    }
    assert found["annotations"]["severity"] == "critical"
    assert found["annotations"]["summary"] == STOLEN["ru"]
    assert found["generatorURL"] == "https://vk.com/wall-1_2"


async def test_what_is_told_again_or_updated_is_still_one(
    sink: Server, channel: Channel, client: httpx.AsyncClient
) -> None:
    await tell(channel, group("g2"))
    await tell(channel, group("g2"))
    await tell(channel, group("g2", "updated", count=40))

    assert len(await active(sink, client, "g2")) == 1


async def test_what_becomes_graver_is_still_one(
    sink: Server, channel: Channel, client: httpx.AsyncClient
) -> None:
    await tell(channel, group("g6", severity=PriorityBand.high))
    await tell(channel, group("g6", "updated", severity=PriorityBand.critical))

    (found,) = await active(sink, client, "g6")
    assert found["annotations"]["severity"] == "critical"


async def test_what_is_over_is_no_longer_active_and_the_other_group_still_is(
    sink: Server, channel: Channel, client: httpx.AsyncClient
) -> None:
    await tell(channel, group("g3"))
    await tell(channel, group("g4"))
    assert len(await active(sink, client, "g3", "g4")) == 2

    await tell(channel, group("g3", "resolved"))

    (left,) = await active(sink, client, "g3", "g4")
    assert left["labels"]["group_key"] == "g4"


async def test_what_is_over_can_be_raised_anew(
    sink: Server, channel: Channel, client: httpx.AsyncClient
) -> None:
    await tell(channel, group("g5"))
    await tell(channel, group("g5", "resolved"))
    await tell(channel, group("g5"))

    assert len(await active(sink, client, "g5")) == 1


def test_the_program_is_fetched_once(sink: Server) -> None:
    program = alertmanager.program_of()
    before = program.stat().st_mtime_ns

    assert alertmanager.program_of() == program
    assert program.stat().st_mtime_ns == before
