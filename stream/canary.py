"""Has a canary come through since we began to look? Asked of every replica behind a name."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import httpx
from prometheus_client.parser import text_string_to_metric_families

from stream.clock import Clock

HOP = "notify"
"""The last: who has passed it has passed all."""
LOOK_SECONDS = 1.0
ANSWER_SECONDS = 5.0
_METRIC = "otklik_canary_timestamp_seconds"


async def seen(at: str, within: float, clock: Clock) -> tuple[bool, str]:
    """Wait until one newer than now has passed; whether it has, and what was seen, as a line."""
    began, deadline = clock.real(), clock.monotonic() + within
    # what is looked at is in the cluster: no proxy of the environment
    async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS) as client:
        while True:
            hops = await _hops(client, at)
            if hops.get(HOP, 0.0) > began.timestamp():
                took = (clock.real() - began).total_seconds()
                return True, f"a canary has passed {HOP} {took:.0f} s after we began to look"
            if clock.monotonic() > deadline:
                last = ", ".join(f"{hop} {_time(when)}" for hop, when in sorted(hops.items()))
                return False, f"expected a canary past {HOP} at {at} in {within:g} s; " + (
                    f"the last one passed: {last}" if last else "no replica told of one"
                )
            await asyncio.sleep(LOOK_SECONDS)  # one comes a minute


async def _hops(client: httpx.AsyncClient, at: str) -> Mapping[str, float]:
    """When the newest has passed each hop, as any replica behind the name tells it."""
    found: dict[str, float] = {}
    for address in await _addresses(at):
        try:
            answer = (await client.get(f"http://{address}/metrics")).raise_for_status()
        except httpx.HTTPError:
            continue  # one that starts or ends; the others tell
        for family in text_string_to_metric_families(answer.text):
            for one in family.samples if family.name == _METRIC else ():
                hop = one.labels["hop"]
                found[hop] = max(found.get(hop, 0.0), one.value)
    return found


async def _addresses(at: str) -> Sequence[str]:
    host, _, port = at.rpartition(":")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return sorted({_url_host(str(address[0])) + f":{port}" for *_, address in found})


def _url_host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _time(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%H:%M:%SZ")
