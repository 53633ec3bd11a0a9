"""Has ingest all that it needs to run? Accounts, handshakes, its address, broker, topics."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

import httpx
from sqlalchemy.exc import SQLAlchemyError

from schemas.topics import TOPICS, dead_letters, retry
from services.ingest.domain.brands import Account, Accounts
from services.ingest.domain.heard import Heard, What
from services.ingest.installation import accounts_of, doors_of
from services.ingest.settings import Settings, keys_of
from services.ingest.store.sources import StoredSources
from stream.clock import parse_clock
from stream.database import let_go, open_engine
from stream.dead_letters import Shelf
from stream.doctor import examine
from stream.doctor_findings import Finding, Ward, bad, ok
from stream.doctor_store import examine_store
from stream.topic_admin import cluster_of

_PAGES = frozenset({"meta", "vk", "x"})
"""The sources whose deliveries name the page that they are for."""

_OURS = frozenset({200, 401, 403, 405})
"""What our own listener answers to a question that is none of a platform's."""


async def examined(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[Finding]:
    """What ingest needs to run, and what platforms need to reach it."""
    accounts = accounts_of(settings)
    yield ok(f"BRANDS {settings.brands}: {len(accounts)} accounts")
    for one in _configured(settings, accounts, environment):
        yield one
    for one in await _handshakes(settings, accounts, environment):
        yield one
    async for one in _reached(settings, accounts, environment):
        yield one
    mine = [topic for topic in TOPICS if topic.written_by == "ingest"]
    shelf = Shelf(service="ingest", letters=dead_letters("ingest"), retry=retry("ingest"))
    ward = Ward(
        cluster=cluster_of(settings), topics=mine, shelves=(shelf,), writes={"ingest": mine}
    )
    async for one in examine_store(ward, settings.database_url, parse_clock("")):
        yield one
    async for one in examine(ward):
        yield one


def _configured(
    settings: Settings, accounts: Accounts, environment: Mapping[str, str]
) -> Iterator[Finding]:
    for account in accounts.values():
        yield _secrets(account, environment)
        if account.source in _PAGES and not account.own_ids:
            then = "name the ids of its pages: any page's events are taken, and no answer is ours"
            yield bad(f"{_named(account)}: has no own_ids", then)
    if settings.erasure_key:
        yield ok("ERASURE_KEY is set")
    else:
        then = "set it before the first post: who wrote without it cannot be found to be forgotten"
        yield bad("ERASURE_KEY is not set", then)


def _named(account: Account) -> str:
    return f"{account.source}/{account.id} of {account.brand}"


def _secrets(account: Account, environment: Mapping[str, str]) -> Finding:
    where = _named(account)
    if account.poll and not account.poll.needs_secret:
        return ok(f"{where}: is polled without a secret")
    unset = [secret for secret in account.secrets if not environment.get(secret)]
    if keys_of(account, environment).secrets and not unset:
        return ok(f"{where}: its secrets are set")
    lost = "it is not polled" if account.poll else "what is sent there is answered 404"
    return bad(f"{where}: {', '.join(unset) or 'a secret'} is not set", f"set it, or {lost}")


async def _handshakes(
    settings: Settings, accounts: Accounts, environment: Mapping[str, str]
) -> list[Finding]:
    """Whether the platforms that ask first have asked, as the store knows it."""
    asking = [account for account in accounts.values() if account.handshake]
    unset = [account for account in asking if not environment.get(account.handshake or "")]
    if unset or not asking:
        then = "set it: until then a platform's question has no answer"
        return [bad(f"{_named(one)}: {one.handshake} is not set", then) for one in unset]
    _, _, file = settings.database_url.partition("sqlite:///")
    if file and not Path(file).exists():  # noqa: ASYNC240 - a command line waits for it
        return []  # the store's own check says so
    engine = open_engine(settings.database_url)
    try:
        latest = await StoredSources(engine).latest()
    except (SQLAlchemyError, OSError) as error:
        kind = type(error).__name__
        return [bad(f"DATABASE_URL: the store does not answer: {kind}", "look at the database")]
    finally:
        await let_go(engine)
    return list(_asked(asking, latest))


def _asked(asking: Sequence[Account], latest: Mapping[Heard, object]) -> Iterator[Finding]:
    for account in asking:
        heard = Heard(source=account.source, account=account.id, what=What.handshake)
        if heard in latest:
            yield ok(f"{_named(account)}: the platform asked at {latest[heard]}")
        else:
            then = "subscribe there with the address of its webhook"
            yield bad(f"{_named(account)}: the platform never asked whether it is ours", then)


async def _reached(
    settings: Settings, accounts: Accounts, environment: Mapping[str, str]
) -> AsyncIterator[Finding]:
    """Whether the address that platforms are told leads to us, asked from here."""
    if not settings.public_url:
        return
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        for source, name in doors_of(accounts, environment):
            url = f"{settings.public_url.rstrip('/')}/v1/hooks/{source}/{name}"
            try:
                status = (await client.get(url)).status_code
            except httpx.HTTPError as error:
                yield bad(f"{url}: {type(error).__name__}", "look at DNS, TLS and the proxy")
                continue
            if status in _OURS:
                yield ok(f"{url}: answered {status}")
            else:
                then = "expected ingest behind PUBLIC_URL, with this path let through"
                yield bad(f"{url}: answered {status}", then)
