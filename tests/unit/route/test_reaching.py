"""An alert reaches what the deployment names, and never where clouds keep a machine's secrets.

The inputs that break the easy version: a name that is checked once and rebound to the metadata
address later; an answer that redirects there; that address as one number, or inside an IPv6 one; an
internal address that is legitimate.
"""

import asyncio

import httpx
import pytest

from schemas.states import AlertState, PriorityBand
from services.route.channels.opening import open_channel
from services.route.channels.posting import retry_after
from services.route.channels.reaching import targets_client
from services.route.domain.alerting import Undelivered
from services.route.domain.message import Message, Sending
from stream.pinned import PinnedTransport, Shared
from stream.reach import NAMED_BY_US
from stream.settings import BadSettings
from tests.provider import Answer, Provider
from tests.unit.ingest.pollers.site import Leading, Names, Site, reply, served
from tests.unit.route.test_message import NIGHT, STOLEN, alert

SECRET = "whsec_c2VjcmV0"
METADATA = "169.254.169.254"
INTERNAL = "10.0.0.7"
SENDING = Sending(
    id="m1",
    alert=alert(STOLEN["ru"]),
    message=Message(
        text=STOLEN["ru"], state=AlertState.raised, severity=PriorityBand.critical, link=None
    ),
    at=NIGHT,
)


def over(network: httpx.AsyncBaseTransport, names: Names) -> httpx.AsyncClient:
    return targets_client(PinnedTransport(network, NAMED_BY_US, ask=names))


async def send(target: str, client: httpx.AsyncClient) -> None:
    async with client:
        await open_channel("care", target, client, SECRET).send(SENDING)


async def test_a_name_that_is_rebound_to_the_metadata_address_is_refused() -> None:
    names = Names(chat_example=[[INTERNAL], [METADATA]])
    async with served(Site({"/hook": reply()})) as site:
        network = Leading(site)
        client = over(network, names)
        channel = open_channel("care", "slack:http://chat.example/hook", client, SECRET)
        async with client:
            await channel.send(SENDING)
            with pytest.raises(Undelivered, match=r"^Forbidden$"):
                await channel.send(SENDING)

    assert network.opened == [INTERNAL]
    assert names.asked == ["chat.example"] * 2
    assert site.asked[0].headers["host"] == "chat.example"


@pytest.mark.parametrize(
    "target",
    [
        "telegram:T/1",
        "pagerduty:KEY",
        "alertmanager:http://internal:9093",
        "https://host.example/h",
    ],
)
async def test_every_way_out_is_checked(target: str) -> None:
    leading = {name: [[INTERNAL, METADATA]] for name in ("internal", "host_example")}
    leading |= {name: [[METADATA]] for name in ("api_telegram_org", "events_pagerduty_com")}
    async with served(Site({})) as site:
        network = Leading(site)
        with pytest.raises(Undelivered, match=r"^Forbidden$"):
            await send(target, over(network, Names(**leading)))

    assert network.opened == []


async def test_a_redirect_is_not_followed() -> None:
    with Provider() as provider:
        there = {"location": f"{provider.address}/elsewhere"}
        provider.tells("/hook", Answer(307, headers=there))
        with pytest.raises(Undelivered, match="status 307"):
            await send(f"slack:{provider.address}/hook", targets_client())

        assert [sent.path for sent in provider.log()] == ["/hook"]


async def test_a_target_on_this_machine_is_legitimate() -> None:
    with Provider() as provider:
        await send(f"slack:{provider.address}/hook", targets_client())

        assert len(provider.accepted()) == 1


@pytest.mark.parametrize("host", ["2852039166", "0xa9fea9fe", "169.254.43518"])
async def test_the_metadata_address_as_a_number_is_refused_when_it_is_sent(host: str) -> None:
    with pytest.raises(Undelivered, match=r"^Forbidden$"):
        await send(f"slack:http://{host}/hook", targets_client())


@pytest.mark.parametrize(
    "host",
    [METADATA, f"[::ffff:{METADATA}]", "[fe80::1]", "100.100.100.200", "[fd00:ec2::254]"],
)
def test_the_metadata_address_is_refused_at_once(host: str) -> None:
    with pytest.raises(BadSettings, match=r"^CHANNELS\.care: expected an address"):
        open_channel("care", f"slack:http://{host}/hook", httpx.AsyncClient(), SECRET)


@pytest.mark.parametrize("host", ["host:99999", "[::1", "", "host:port", "host\n"])
def test_what_is_no_address_is_refused_at_once(host: str) -> None:
    with pytest.raises(BadSettings, match=r"^CHANNELS\.care: expected an address"):
        open_channel("care", f"slack:http://{host}/hook", httpx.AsyncClient(), SECRET)


@pytest.mark.parametrize("error", [OSError("Name or service not known"), UnicodeError("too long")])
async def test_a_name_that_nobody_knows_is_tried_again(error: Exception) -> None:
    async def ask(host: str, port: int) -> list[str]:
        raise error

    transport = PinnedTransport(httpx.AsyncHTTPTransport(), NAMED_BY_US, ask=ask)
    with pytest.raises(Undelivered, match=f"^{type(error).__name__}$"):
        await send("slack:http://nobody.example/hook", targets_client(transport))


async def test_a_name_that_hangs_is_asked_once_for_all_who_wait() -> None:
    asked, answer = list[str](), asyncio.Event()

    async def ask(host: str, port: int) -> list[str]:
        asked.append(host)
        await answer.wait()
        return [INTERNAL]

    shared = Shared(ask)
    gone, *others = (asyncio.create_task(shared("slow.example", 443)) for _ in range(5))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait({gone})
    answer.set()

    assert await asyncio.gather(*others) == [[INTERNAL]] * 4
    assert asked == ["slow.example"]

    await shared("slow.example", 443)
    assert len(asked) == 2


@pytest.mark.parametrize("text", ["²", "9" * 400, "-1", "1.5", "nan"])
def test_a_wish_in_whatever_words_is_a_number_or_none(text: str) -> None:
    wish = retry_after(text, NIGHT)

    assert wish is None or 0 <= wish < 1e9
