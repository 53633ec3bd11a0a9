"""What do our pumps cost? A flow that hands on what it reads, on the production parts."""

import asyncio
from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from bench.posted import LETTERS, READ, WRITTEN, Posted
from bench.window import Window
from stream.clock import parse_clock
from stream.flow import Batch, Flow, Message, Outgoing, Publish, caused_by, outgoing
from stream.member import KafkaSource
from stream.metrics import StreamMetrics
from stream.probes import Probes
from stream.process import Direct, Process
from stream.publisher import KafkaPublisher
from stream.pumps import pump_named
from stream.settings import PumpName
from stream.topic_admin import Cluster

PUMPS: tuple[PumpName, ...] = ("aiokafka", "faust")


async def pump(cluster: Cluster, kind: PumpName, group: str, window: Window) -> None:
    """Move all records through a flow of ours until the window closes."""
    clock, metrics = parse_clock(""), StreamMetrics(CollectorRegistry(), "bench", "bench")
    stop = asyncio.Event()
    async with KafkaPublisher(cluster, cluster.prefix, metrics) as publish:
        effects = Direct(_Counting(publish, window, stop))
        process = Process(_identity(), effects=effects, letters=LETTERS, metrics=metrics)
        source = KafkaSource(bootstrap=cluster.bootstrap, prefix=cluster.prefix, group=group)
        probes = Probes(clock.monotonic)
        await pump_named(kind)(process, effects, source=source, probes=probes, clock=clock).run(
            stop
        )


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


async def _hand_on(batches: Sequence[Batch], _: None) -> Sequence[Outgoing]:
    return [_onward(message, batch.partition) for batch in batches for message in batch.messages]


def _onward(message: Message, partition: int) -> Outgoing:
    event = message.event
    assert isinstance(event, Posted)  # noqa: S101 - the flow reads nothing else
    origin = caused_by(message.received, service="bench", brand=event.brand)
    return outgoing(event, topic=WRITTEN, key=event.author, partition=partition, origin=origin)
