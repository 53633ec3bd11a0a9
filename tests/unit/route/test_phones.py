"""A button and a link are good for one group, one channel, one time, and for nobody who made it up.

The inputs that break the easy version: a token with one sign changed, cut or lengthened; one that
another channel's secret sealed, or the same secret for another purpose; an empty secret, which
would seal for everybody; a message that is sent again, whose link has to stay the same one.
"""

import string
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from schemas.alerts import AlertChanged
from schemas.states import AlertState
from services.route.channels.delivering import Delivering, Means, Patience, Wording
from services.route.domain.alerting import Undelivered
from services.route.domain.message import About, Message, Mine, Sending, message_of
from services.route.domain.phones import (
    LIFE,
    LINK,
    Phones,
    Seal,
    button_of,
    opened,
    sealed,
    short_of,
    short_of_digest,
)
from services.route.metrics import Metrics
from services.route.settings import Settings, phones
from stream.settings import BadSettings
from tests.hands import hands
from tests.unit.route.phone_calls import PHONES
from tests.unit.route.test_message import NIGHT, STOLEN, WORDS, about, alert

SECRET, OTHER = "s" * 32, "o" * 32
SEAL = Seal(short=short_of("g1"), until=NIGHT + LIFE, nonce="n" * 22)
URLSAFE = string.ascii_letters + string.digits + "-_"


def mine(lang: str = "ru", message_id: str = "m1", **changes: Any) -> Mine | None:
    reach = PHONES.reach("night", message_id, NIGHT)
    told = msgspec.structs.replace(alert(STOLEN[lang]), **changes)
    return message_of(told, about(lang), WORDS, NIGHT, reach).mine


def test_what_is_sealed_is_opened() -> None:
    token = sealed(SEAL, SECRET, LINK)

    assert opened(token, (SECRET,), LINK) == SEAL
    assert opened(token, (OTHER, SECRET), LINK) == SEAL
    assert set(token) <= set(URLSAFE)


@pytest.mark.parametrize("place", range(len(sealed(SEAL, SECRET, LINK))))
def test_no_sign_of_a_token_can_be_another(place: int) -> None:
    token = sealed(SEAL, SECRET, LINK)

    for sign in URLSAFE.replace(token[place], ""):
        assert opened(token[:place] + sign + token[place + 1 :], (SECRET,), LINK) is None


@pytest.mark.parametrize("other", ["", "x", "=", "Ж" * 50, "\ud800" * 72, "a" * 10_000])
def test_what_is_no_token_opens_nothing(other: str) -> None:
    token = sealed(SEAL, SECRET, LINK)

    assert opened(other, (SECRET,), LINK) is None
    assert opened(token + other, (SECRET,), LINK) == (SEAL if not other else None)
    assert opened(token[:-1], (SECRET,), LINK) is None
    assert opened(token[1:], (SECRET,), LINK) is None


@given(st.text(max_size=100))
def test_nothing_that_is_made_up_opens(text: str) -> None:
    assert opened(text, (SECRET,), LINK) is None


def test_a_seal_is_good_for_its_purpose_alone() -> None:
    token = sealed(SEAL, SECRET, button_of("night"))

    assert opened(token, (SECRET,), button_of("day")) is None
    assert opened(token, (SECRET,), LINK) is None
    assert opened(sealed(SEAL, SECRET, LINK), (SECRET,), button_of(LINK)) is None
    assert opened(token, (OTHER,), button_of("night")) is None


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_no_secret_opens_nothing(secrets: tuple[str, ...]) -> None:
    for forged in ("", "no secret at all: what it seals is refused"):
        assert opened(sealed(SEAL, forged, LINK), secrets, LINK) is None


def test_a_group_has_one_short_id_however_it_is_told() -> None:
    assert short_of("g1") != short_of("g2")
    assert len(short_of("g1" * 300)) == 22
    digest = "f4a06dd5ba5d7a1d1a6c5dc5c2ea0f6a5d6ef0ff6e1ae8f0c3b9a3b2b5e5f3d1"
    assert len(short_of_digest(digest)) == 22


@pytest.mark.parametrize(("lang", "label"), [("ru", "Беру"), ("bg", "Поемам"), ("en", "Mine")])
def test_what_nobody_has_can_be_taken_in_the_teams_language(lang: str, label: str) -> None:
    found = mine(lang)

    assert found is not None
    assert found.label == label
    assert found.hook == "https://route.example/v1/callbacks/night"
    assert found.token is not None
    assert len(found.token.encode()) <= 64
    seal = opened(found.token, PHONES.callback_secrets["night"], button_of("night"))
    assert seal == Seal(short=short_of("g1"), until=NIGHT + LIFE)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": AlertState.acknowledged, "acknowledged_by": "vera"},
        {"state": AlertState.resolved},
        {"state": AlertState.updated, "acknowledged_by": "vera"},
    ],
)
def test_what_somebody_has_or_what_is_over_has_no_button(changes: dict[str, Any]) -> None:
    assert mine(**changes) is None
    for again in (AlertState.repeated, AlertState.escalated, AlertState.updated):
        assert mine(state=again) is not None


def test_a_link_is_the_messages_own_and_the_same_when_it_is_sent_again() -> None:
    first, again, other = mine(), mine(), mine(message_id="m2")

    assert first is not None
    assert again is not None
    assert other is not None
    assert first.url == again.url
    assert first.url != other.url
    later = PHONES.reach("night", "m1", NIGHT + timedelta(minutes=1))
    assert later is not None
    nonces = set()
    for url in (first.url, later.link(short_of("g1"))):
        seal = opened((url or "").rpartition("/")[2], PHONES.link_secrets, LINK)
        assert seal is not None
        nonces.add(seal.nonce)
    assert len(nonces) == 1


class OneAlert:
    """A delivery that its channel refuses once."""

    def __init__(self) -> None:
        self._waits: Delivery | None = Delivery()

    async def fold(self) -> int:
        return 0

    async def take(self, channel: str, *, limit: int) -> Sequence["Delivery"]:
        return [self._waits] if self._waits else []

    async def oldest_pending(self, channel: str) -> datetime | None:
        return None

    async def delivered(self, delivery: "Delivery", receipt: str | None) -> None:
        self._waits = None

    async def again(self, delivery: "Delivery", *, in_seconds: float) -> None:
        self._waits = msgspec.structs.replace(delivery, attempt=delivery.attempt + 1)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    id: str = "d1"
    alert: AlertChanged = alert(STOLEN["ru"])
    about: About = about("ru")
    attempt: int = 1
    earlier: str | None = None
    stored_at: datetime = NIGHT
    traces: tuple[str, ...] = ()


class RefusingOnce:
    def __init__(self) -> None:
        self.got = list[Message]()

    async def send(self, sending: Sending) -> str | None:
        self.got.append(sending.message)
        if len(self.got) == 1:
            raise Undelivered("status 503")
        return None


@pytest.mark.parametrize("given", [PHONES, None])
async def test_a_delivery_brings_one_button_and_one_link_at_every_attempt(
    given: Phones | None,
) -> None:
    channel, clock = RefusingOnce(), hands(NIGHT)
    wording = Wording(WORDS, clock, given) if given else Wording(WORDS, clock)
    metrics = Metrics(CollectorRegistry())
    means = Means(wording, Patience(chance=lambda: 0.0), metrics)
    sending: Delivering[Delivery] = Delivering("night", channel, OneAlert(), means)

    while await sending.turn():
        pass

    first, again = (message.mine for message in channel.got)
    assert first == again
    assert (first is not None) is (given is not None)


def test_without_an_address_or_a_secret_there_is_no_button() -> None:
    def at(given: Phones) -> Mine | None:
        reach = given.reach("night", "m1", NIGHT)
        return message_of(alert(STOLEN["en"]), about("en"), WORDS, NIGHT, reach).mine

    assert at(Phones()) is None
    assert at(Phones(address="https://route.example")) is None
    assert at(msgspec.structs.replace(PHONES, address="")) is None
    only_link = at(msgspec.structs.replace(PHONES, callback_secrets={"day": (SECRET,)}))
    assert only_link is not None
    assert only_link.token is None
    assert (only_link.url or "").startswith("https://route.example/a/")
    only_button = at(msgspec.structs.replace(PHONES, link_secrets=()))
    assert only_button is not None
    assert only_button.url is None


def test_secrets_are_read_the_newest_first() -> None:
    read = phones(
        Settings(
            public_url="https://route.example/",
            ack_secret=f"{SECRET} {OTHER}",
            callback_secrets='{"night": "' + "n" * 16 + '"}',
        )
    )

    assert read.address == "https://route.example"
    assert read.link_secrets == (SECRET, OTHER)
    assert read.callback_secrets == {"night": ("n" * 16,)}
    assert phones(Settings()) == Phones()


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"ack_secret": "short"}, "ACK_SECRET"),
        ({"ack_secret": f"{SECRET} short"}, "ACK_SECRET"),
        ({"callback_secrets": '{"night": "short"}'}, r"CALLBACK_SECRETS\.night"),
        ({"public_url": "route.example"}, "PUBLIC_URL"),
        ({"public_url": "ftp://route.example"}, "PUBLIC_URL"),
        ({"public_url": "https://"}, "PUBLIC_URL"),
    ],
)
def test_a_secret_that_can_be_guessed_is_refused_and_not_told(
    given: dict[str, Any], where: str
) -> None:
    with pytest.raises(BadSettings, match=f"^{where}: expected") as refused:
        phones(Settings(**given))

    assert SECRET not in str(refused.value)
    assert "short" not in str(refused.value)
