"""What does a webhook cost with nothing around it? FastAPI and aiokafka, nothing of ours.

The floor for ingest: the body is forwarded as it came and answered once the broker has acked it;
no signature, no parsing, no post.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI, Request, Response


def app(bootstrap: str, topic: str) -> FastAPI:
    """The whole service."""
    held: list[AIOKafkaProducer] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0
        )
        async with producer:
            held.append(producer)
            yield

    served = FastAPI(lifespan=lifespan)

    @served.post("/v1/hooks/{source}/{account}", status_code=202)
    async def hook(source: str, account: str, request: Request) -> Response:
        await held[0].send_and_wait(topic, await request.body(), key=account.encode())
        return Response(status_code=202)

    @served.get("/readyz")
    async def readyz() -> Response:
        return Response()

    return served


if __name__ == "__main__":
    bootstrap, topic, port = sys.argv[1:]
    served = app(bootstrap, topic)
    uvicorn.run(served, host="127.0.0.1", port=int(port), log_config=None, access_log=False)
