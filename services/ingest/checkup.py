"""Has ingest all that it needs to run? Its accounts with their secrets, the broker, the topics."""

from collections.abc import AsyncIterator, Mapping

from schemas.topics import TOPICS, dead_letters, retry
from services.ingest.installation import accounts_of, cluster_of
from services.ingest.settings import Settings, keys_of
from stream.dead_letters import Shelf
from stream.doctor import Finding, Ward, bad, examine, ok


async def examined(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[Finding]:
    """What ingest needs to run: its accounts with their secrets, the broker, the topics."""
    accounts = accounts_of(settings)
    yield ok(f"BRANDS {settings.brands}: {len(accounts)} accounts")
    for (source, name), account in accounts.items():
        where = f"{source}/{name} of {account.brand}"
        if account.poll and not account.poll.needs_secret:
            yield ok(f"{where}: is polled without a secret")
            continue
        unset = [secret for secret in account.secrets if not environment.get(secret)]
        if unset or not account.secrets:
            lost = "it is not polled" if account.poll else "what is sent there is answered 404"
            then = f"set it, or {lost}"
            yield bad(f"{where}: {', '.join(unset) or 'a secret'} is not set", then)
        elif keys_of(account, environment).secrets:
            yield ok(f"{where}: its secrets are set")
    if settings.erasure_key:
        yield ok("ERASURE_KEY is set")
    else:
        then = "set it before the first post: who wrote without it cannot be found to be forgotten"
        yield bad("ERASURE_KEY is not set", then)
    cluster = cluster_of(settings)
    mine = [topic for topic in TOPICS if topic.written_by == "ingest"]
    shelf = Shelf(service="ingest", letters=dead_letters("ingest"), retry=retry("ingest"))
    async for one in examine(Ward(cluster=cluster, topics=mine, shelves=(shelf,))):
        yield one
