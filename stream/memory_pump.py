"""How does a flow run without a broker? The same process over lists: tests and command lines."""

from collections.abc import Mapping, Sequence
from typing import Generic

from schemas.event import Headers
from stream.failures import Flooded, StoppedOnBug
from stream.flow import Outgoing, Received, U, Where
from stream.process import Kept, Process

PARTITIONS = 64


class MemoryBroker:
    """Topics as lists; a record's offset is its place in its partition's list."""

    def __init__(self) -> None:
        self._logs: dict[tuple[str, int], list[Received]] = {}
        self._now_ms = 0

    async def __call__(self, outputs: Sequence[Outgoing]) -> Sequence[int]:
        """Publish, as ``stream.flow.Publish`` says."""
        return [
            self.put(out.topic, out.partition, key=out.key, value=out.value, headers=out.headers)
            for out in outputs
        ]

    def put(
        self, topic: str, partition: int, *, key: bytes | None, value: bytes, headers: Headers = ()
    ) -> int:
        """Append one record as it is; its offset."""
        log = self._logs.setdefault((topic, partition), [])
        self._now_ms += 1
        log.append(
            Received(
                topic=topic,
                partition=partition,
                offset=len(log),
                timestamp_ms=self._now_ms,
                key=key,
                value=value,
                headers=headers,
            )
        )
        return len(log) - 1

    def log(self, topic: str, partition: int | None = None) -> list[Received]:
        """What a topic holds, in order per partition."""
        if partition is not None:
            return self._logs.get((topic, partition), [])
        return [
            received
            for (name, _), log in sorted(self._logs.items())
            for received in log
            if name == topic
        ]


class MemoryPump(Generic[U]):
    """A member that owns every partition and reads until nothing is left."""

    def __init__(self, process: Process[U], effects: Kept[U], broker: MemoryBroker) -> None:
        self._process, self._effects, self._broker = process, effects, broker
        self.committed: dict[Where, int] = {}
        self.stopped: dict[Where, StoppedOnBug | Flooded] = {}

    async def run_until_idle(self, *, batch: int = 200) -> None:
        """Process what lies there, in batches; a dependency's failure comes out here."""
        self._process.quarantine.refresh()
        await self._effects.drain(range(PARTITIONS))
        while got := self._poll(batch):
            if len(got) > 1 and await self._process.together(got):
                self.committed.update({where: some[-1].offset + 1 for where, some in got.items()})
                continue
            for where, records in got.items():
                await self._batch(where, records)

    def _poll(self, batch: int) -> Mapping[Where, Sequence[Received]]:
        """The next so many of every partition."""
        topics = self._process.flow.reads
        wheres = [(topic.name, number) for topic in topics for number in range(PARTITIONS)]
        left = {
            where: self._broker.log(*where)[self.committed.get(where, 0) :][:batch]
            for where in wheres
            if where not in self.stopped
        }
        return {where: records for where, records in left.items() if records}

    async def _batch(self, where: Where, records: Sequence[Received]) -> None:
        try:
            await self._process.batch(records)
        except (StoppedOnBug, Flooded) as error:
            self.committed[where] = error.received.offset
            if not self._process.quarantine.refresh():
                self.stopped[where] = error
        else:
            self.committed[where] = records[-1].offset + 1
