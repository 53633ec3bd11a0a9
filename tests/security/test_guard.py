"""The guarded broker lets in whom it knows, and a client talks to no broker that it cannot trust.

The inputs that break the easy version: a certificate that is right but for its signer; one that is
right but for its date; a password of another user.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from deploy.local import guarded, kafka
from deploy.local.certificates import authority
from deploy.local.guarded import ADMIN, Guarded
from stream.broker import Broker
from stream.clock import parse_clock


async def answers(broker: Broker) -> bool:
    """Whether a client is let in; one that is not says so within seconds."""
    admin = AIOKafkaAdminClient(**broker.arguments())
    async with asyncio.timeout(20):
        try:
            await admin.start()
        except KafkaConnectionError:
            return False
        finally:
            await admin.close()
    return True


def changed(broker: Broker, **security: str) -> Broker:
    other = msgspec.structs.replace(broker.security, **security)
    return msgspec.structs.replace(broker, security=other)


async def test_a_user_with_its_password_is_let_in(broker: Guarded) -> None:
    assert await answers(broker.of("ingest"))


async def test_a_wrong_password_and_anothers_password_are_refused(broker: Guarded) -> None:
    mine = broker.of("ingest")

    assert not await answers(changed(mine, password="wrong"))
    assert not await answers(changed(mine, password=broker.passwords["route"]))
    assert not await answers(changed(mine, username="nobody"))


async def test_without_tls_nobody_is_let_in(broker: Guarded) -> None:
    assert not await answers(changed(broker.of("ingest"), protocol="SASL_PLAINTEXT"))


async def test_a_broker_that_another_authority_vouches_for_is_not_trusted(
    broker: Guarded,
) -> None:
    other = broker.folder / "other.pem"
    other.write_text(authority("otklik local", parse_clock("").real()).pem)

    assert not await answers(changed(broker.of("ingest"), ca_file=str(other)))
    assert not await answers(changed(broker.of("ingest"), ca_file=""))


async def test_a_certificate_is_a_user_too_if_the_right_one_signed_it(broker: Guarded) -> None:
    another = authority("otklik local", parse_clock("").real())

    assert await answers(broker.by_certificate("ingest"))
    assert not await answers(broker.by_certificate("ingest", another))
    assert not await answers(changed(broker.by_certificate("ingest"), certificate_file=""))


@pytest.fixture(scope="module")
def expired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A broker that everybody would trust, a minute ago."""
    found = guarded.start(
        kafka.CACHE,
        tmp_path_factory.mktemp("expired"),
        [],
        certificate=lambda ours: ours.signed("broker", until=ours.now - timedelta(minutes=1)),
    )
    yield found
    found.stop()


async def test_an_expired_certificate_is_not_trusted(expired: Guarded) -> None:
    assert not await answers(expired.of(ADMIN))


def test_no_password_is_told_by_what_holds_it(broker: Guarded) -> None:
    told = repr(broker) + repr(broker.of("ingest")) + repr(broker.trusted)

    assert not [user for user, password in broker.passwords.items() if password in told]
    assert "PRIVATE" not in told
