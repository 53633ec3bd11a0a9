"""What do our pumps cost? A flow that hands on what it reads, on the production parts."""

import asyncio
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry

from bench.posted import LETTERS, READ, WRITTEN, Posted
from bench.window import Window
from stream.aiokafka_pump import AiokafkaPump
from stream.clock import parse_clock
from stream.flow import Batch, Flow, Message, Outgoing, Publish, caused_by, outgoing
from stream.member import KafkaSource
from stream.metrics import StreamMetrics
from stream.probes import Probes
from stream.process import Direct, Process
from stream.publisher import KafkaPublisher
from stream.topic_admin import Cluster

PUMPS = ("aiokafka", "faust")


def pumps() -> Mapping[str, type[AiokafkaPump[None]]]:
    """Both pumps by name; Faust is imported only by the process that measures it."""
    from stream.faust_pump import FaustPump

    return {"aiokafka": AiokafkaPump, "faust": FaustPump}


async def pump(cluster: Cluster, kind: str, group: str, window: Window) -> None:
    """Move all records through a flow of ours until the window closes."""
    kind_of_pump = AiokafkaPump[None] if kind == "aiokafka" else pumps()[kind]
    clock, metrics = parse_clock(""), StreamMetrics(CollectorRegistry(), "bench", "bench")
    stop = asyncio.Event()
    async with KafkaPublisher(cluster.bootstrap, cluster.prefix, metrics) as publish:
        effects = Direct(_Counting(publish, window, stop))
        process = Process(_identity(), effects=effects, letters=LETTERS, metrics=metrics)
        source = KafkaSource(bootstrap=cluster.bootstrap, prefix=cluster.prefix, group=group)
        probes = Probes(clock.monotonic)
        await kind_of_pump(process, effects, source=source, probes=probes, clock=clock).run(stop)


class _Counting:
    """The publisher, telling the window what is acked."""

    def __init__(self, publish: Publish, window: Window, stop: asyncio.Event) -> None:
        self._publish, self._window, self._stop = publish, window, stop

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        offsets = await self._publish(outputs)
        if self._window.acked(len(outputs)):
            self._stop.set()
        return offsets


def _identity() -> Flow[None]:
    return Flow(name="bench", reads=(READ,), events=(Posted,), writes=(WRITTEN,), handle=_hand_on)


async def _hand_on(batch: Batch, _: None) -> Sequence[Outgoing]:
    return [_onward(message, batch.partition) for message in batch.messages]


def _onward(message: Message, partition: int) -> Outgoing:
    event = message.event
    assert isinstance(event, Posted)  # noqa: S101 - the flow reads nothing else
    origin = caused_by(message.received, service="bench", brand=event.brand)
    return outgoing(event, topic=WRITTEN, key=event.author, partition=partition, origin=origin)
