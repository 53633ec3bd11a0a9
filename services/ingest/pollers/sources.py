"""Which accounts are polled, and how? Each by what it says, as far as its secret is set."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import assert_never

import httpx
import msgspec
from jwt import PyJWTError

from services.ingest.domain.brands import Account, Accounts
from services.ingest.domain.polls import AppStorePoll, FeedPoll, PlayPoll, Poll
from services.ingest.pollers.appstore import AppStoreKey, AppStoreReviews
from services.ingest.pollers.engine import Source
from services.ingest.pollers.feed import Feed
from services.ingest.pollers.gplay import PlayReviews, ServiceAccount
from stream.settings import BadSettings


def polled_of(accounts: Accounts, environment: Mapping[str, str]) -> Accounts:
    """The accounts that can be polled: without its secret one is disabled."""
    return {
        where: account
        for where, account in accounts.items()
        if account.poll and (secret_of(account, environment) or not account.poll.needs_secret)
    }


def sources_of(
    polled: Accounts,
    environment: Mapping[str, str],
    client: httpx.AsyncClient,
    now: Callable[[], datetime],
) -> Mapping[tuple[str, str], Source]:
    """Their sources; raises ``BadSettings``, which names a secret and never quotes it."""
    found: dict[tuple[str, str], Source] = {}
    for where, account in polled.items():
        name = secret_of(account, environment)
        try:
            if isinstance(account.poll, Poll):
                secret = environment.get(name, "")
                found[where] = _source(account.poll, secret, client, now)
        except (msgspec.DecodeError, UnicodeError, ValueError, PyJWTError) as error:
            expected = f"{name}: expected JSON with a private key for {'/'.join(where)}"
            raise BadSettings(f"{expected}, got {type(error).__name__}") from None
    return found


def secret_of(account: Account, environment: Mapping[str, str]) -> str:
    """The name of the first of its secrets that is set, or nothing."""
    return next((name for name in account.secrets if environment.get(name)), "")


def _source(
    poll: Poll, secret: str, client: httpx.AsyncClient, now: Callable[[], datetime]
) -> Source:
    match poll:
        case FeedPoll():
            return Feed(client, poll)
        case AppStorePoll():
            key = msgspec.json.decode(secret, type=AppStoreKey)
            key.token(now())
            return AppStoreReviews(client, poll, key, now)
        case PlayPoll():
            service = msgspec.json.decode(secret, type=ServiceAccount)
            service.assertion(now())
            return PlayReviews(client, poll, service, now)
        case _:
            assert_never(poll)
