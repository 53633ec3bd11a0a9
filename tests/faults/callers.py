"""Replicas of route whose channels lead to one provider; a case of each channel, as posts."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import httpx

from deploy.demo.player import message_secret
from schemas.topics import CLASSIFIED
from schemas.vocabulary import CaseTopic
from stream.clock import parse_clock
from stream.flow import Outgoing
from stream.topic_admin import Cluster
from tests.builders import a_classified, a_post, a_record
from tests.faults.gates import Gates
from tests.faults.handed import CHANNELS, targets
from tests.faults.replicas import Replica, Replicas
from tests.processes import until_ready
from tests.provider import Provider
from tests.tokens import tokens_file

TOPICS = dict(zip(CHANNELS, CaseTopic, strict=False))
"""By its topic a post goes to a team, and by the team to a channel."""
NEXT = dict(zip(CHANNELS, (*CHANNELS[1:], CHANNELS[0]), strict=True))
"""Who is called next: the team of the next channel."""
PARTITIONS = 12

_TEAM = """
  {name}:
    languages: [en]
    duty: [{{during: always, people: [{name}-desk]}}]
    alerts: {name}
    unacknowledged: {{{chain}: {next}}}"""
_RULE = """
  - id: {name}
    why: A topic for each channel.
    when: {{topic: {topic}}}
    then: {{disposition: human_review, team: {name}, priority: critical, sla: soon, alert: now}}
    tests:
      - {{post: "Help", facts: {{topic: {topic}}}, gives: {{rule: {name}}}}}
      - {{post: "Hm", facts: {{topic: other}}, gives: {{rule: rest}}}}"""
_POLICY = """
policy: five-channels
hot_topics: {{minimum: 100000, window: 30m}}
sla: {{soon: {{calendar: always, first_response: 15m}}}}
teams:{teams}
rules:{rules}
  - id: rest
    why: The last rule catches all.
    then: {{disposition: human_review, team: slack, sla: soon}}
    tests: [{{post: "Hm", facts: {{topic: other}}, gives: {{rule: rest}}}}]
"""


class Callers:
    """Replicas by name, each a user of its own in the database."""

    def __init__(
        self, cluster: Cluster, url: str, folder: Path, provider: Provider, *, chain: str
    ) -> None:
        """``chain`` is how long nobody may acknowledge before the next one is called."""
        policy = folder / "policy.yaml"
        policy.write_text(_policy(chain), encoding="utf-8")
        tokens = tokens_file(folder, vera="agent")
        secret = message_secret("alerts")
        shared = {"POLICY": str(policy), "API_TOKENS": str(tokens), "CHANNEL_SECRET": secret}
        self._replicas = Replicas("route", cluster, folder, **shared)
        self._url, self._provider = url, provider
        self.alive: dict[str, Replica] = {}
        self.dead: list[str] = []

    async def start(self, gates: Gates) -> None:
        """One more."""
        name = f"r{len(self.alive) + len(self.dead) + 1}"
        await gates.let_in(name)
        self._replicas.start(
            DATABASE_URL=self._url.replace("postgres@", f"{name}@"),
            CHANNELS=json.dumps(targets(self._provider, name)),
        )
        self.alive[name] = self._replicas.running[-1]

    async def ready(self) -> None:
        """Every one has its partitions."""
        await self._replicas.ready()

    async def at_work(self) -> None:
        """Every one takes turns, with partitions or without."""
        for one in self.alive.values():
            await until_ready(one.child, one.address, one.log, path="livez")

    async def kill(self, name: str, gates: Gates) -> None:
        """SIGKILL, and another takes its place."""
        victim = self.alive.pop(name)
        victim.child.kill()
        self._replicas.running.remove(victim)
        self.dead.append(name)
        await gates.gone(name)
        await self.start(gates)

    def stop(self) -> None:
        self._replicas.stop()


def _policy(chain: str) -> str:
    teams = [_TEAM.format(name=name, next=NEXT[name], chain=chain) for name in CHANNELS]
    rules = [_RULE.format(name=name, topic=TOPICS[name].value) for name in CHANNELS]
    return _POLICY.format(teams="".join(teams), rules="".join(rules))


def posts(cases: Iterable[str]) -> Sequence[Outgoing]:
    """A post for each case, written now; a case is called CHANNEL-ANYTHING."""
    now = parse_clock("").now()
    return [_post(case, now, number % PARTITIONS) for number, case in enumerate(cases)]


def _post(case: str, at: datetime, partition: int) -> Outgoing:
    url, topic = f"https://posts.example/{case}", TOPICS[case.partition("-")[0]]
    post = a_post(case, at=at, author=case, conversation_id=case, url=url)
    event = a_classified(post, topic=topic)
    return a_record(event, topic=CLASSIFIED.name, partition=partition)


async def take(replica: Replica, key: str) -> bool:
    """Say "mine" at one replica; False where it died of it."""
    headers = {"authorization": "Bearer vera-token"}
    try:
        async with httpx.AsyncClient(headers=headers, timeout=30) as client:
            answer = await client.post(f"{replica.address}/v1/alerts/{key}/ack")
    except httpx.TransportError:
        return False
    return answer.is_success
