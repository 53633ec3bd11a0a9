"""How far has ingest come? One tick per partition says so (design 3.4)."""

from datetime import datetime

from schemas.event import PipelineTick, derive_id


def ticks(received_before: datetime, partitions: int) -> tuple[PipelineTick, ...]:
    """A tick for each partition number in order; the same instant gives the same ids."""
    return tuple(
        PipelineTick(
            event_id=derive_id(f"ingest/{partition}", "PipelineTick", received_before.isoformat()),
            occurred_at=received_before,
            received_before=received_before,
        )
        for partition in range(partitions)
    )
