"""How would a kept request be answered? Through the real app, onto a broker in memory."""

from datetime import datetime
from pathlib import Path

import msgspec
from httpx import ASGITransport, AsyncClient

from schemas.topics import POSTS
from services.ingest.api import Door, Limits
from services.ingest.app import web
from services.ingest.domain.request_file import Standing, WholeRequest
from services.ingest.domain.short_memory import ShortMemory
from services.ingest.handlers import Keeping, Receiving
from services.ingest.installation import Measures
from services.ingest.plugins import platforms
from stream.memory_pump import MemoryBroker
from stream.settings import VERSION, BadSettings


async def rehearse(file: Path, now: datetime) -> dict[str, object]:
    """Send one kept request through the real app onto the memory broker; ``now`` is receipt.

    Raises ``BadSettings`` where the file holds no request of a source that we have.
    """
    requests, broker, clock = _kept_requests(file), MemoryBroker(), Standing(at=now)
    last, measures = requests[-1], Measures(clock)
    door = Door(platform=platforms()[last.source], account=last.account, keys=last.keys)
    keeping = Keeping(partitions=1, ack_seconds=5, version=VERSION)
    receiving = Receiving(broker, keeping, measures.metrics, measures.shared, ShortMemory())
    where = (last.source, last.account.id)
    app = web(receiving, {where: door}, clock, measures, Limits())
    answers, before = [], 0
    async with AsyncClient(transport=ASGITransport(app), base_url="http://ingest") as client:
        for one in requests:
            before = len(broker.log(POSTS.name))
            headers, body = one.headers, one.body.encode()
            sent = client.request(one.method, one.address, headers=headers, content=body)
            answers.append(await sent)
    posts = [msgspec.Raw(found.value or b"") for found in broker.log(POSTS.name)[before:]]
    return {"status": answers[-1].status_code, "body": answers[-1].text, "posts": posts}


def _kept_requests(file: Path) -> list[WholeRequest]:
    """The request, behind the one that must have gone before it."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=WholeRequest)
        if found.account.source not in platforms():
            raise BadSettings(f"{file}: expected a source that we have, got {found.platform}")
    except (ValueError, msgspec.DecodeError) as error:
        raise BadSettings(f"{file}: expected a whole request: {error}") from error
    if not found.expect.after:
        return [found]
    return [_kept_requests(file.parent / f"{found.expect.after}.json")[-1], found]
