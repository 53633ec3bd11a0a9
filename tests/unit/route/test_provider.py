"""The provider of the crash tests does what it is told, and its log tells what it has.

The inputs that break the easy version: a message that is accepted and whose sender never learns
it; one that is refused; a sender that has given up.
"""

from collections.abc import Iterator

import httpx
import pytest

from tests.provider import (
    DROPS,
    FAILS,
    HANGS,
    TAKES,
    TAKES_AND_DROPS,
    Answer,
    Provider,
    busy,
)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as found:
        yield found


def post(provider: Provider, *, seconds: float = 5, **sent: str) -> httpx.Response:
    with httpx.Client(timeout=seconds, trust_env=False) as client:
        return client.post(f"{provider.address}/hook", json=sent, headers={"webhook-id": "m1"})


def test_it_answers_one_after_another_and_the_last_for_ever(provider: Provider) -> None:
    provider.tells("/hook", busy(17), FAILS, Answer(202, body=b"{}"))

    answers = [post(provider) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [429, 500, 202, 202]
    assert answers[0].headers["retry-after"] == "17"
    assert answers[2].json() == {}


@pytest.mark.parametrize("dropping", [DROPS, TAKES_AND_DROPS])
def test_a_sender_cannot_tell_whether_a_dropped_message_arrived(
    provider: Provider, dropping: Answer
) -> None:
    provider.tells("/hook", dropping, TAKES)

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        post(provider)
    post(provider)

    assert len(provider.log()) == 2
    assert len(provider.accepted()) == (1 if dropping is DROPS else 2)


def test_a_duplicate_is_in_the_log_under_its_keys(provider: Provider) -> None:
    provider.tells("/hook", TAKES_AND_DROPS, TAKES)

    with pytest.raises(httpx.HTTPError):
        post(provider, dedup_key="g1")
    post(provider, dedup_key="g1")

    assert [sent.keys for sent in provider.accepted()] == [("m1", "g1")] * 2
    assert provider.accepted()[0].json == {"dedup_key": "g1"}


def test_one_that_hangs_has_read_the_message_and_says_nothing(provider: Provider) -> None:
    provider.tells("/hook", HANGS)

    with pytest.raises(httpx.ReadTimeout):
        post(provider, seconds=0.05, a="b")

    assert provider.log()[0].json == {"a": "b"}
    assert provider.accepted() == []
