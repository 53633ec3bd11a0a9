"""How do tests run ingest as a process with its three listeners, and speak to it?"""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import msgspec

from deploy.demo.stack import free_ports
from deploy.local.process import Child
from services.route.channels.webhook import sign
from stream.clock import parse_clock
from stream.topic_admin import Cluster
from tests.processes import ROOT, start, until_ready

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef")
ROLES = ("operator", "reply", "privacy")
CLOCK = parse_clock("")


@dataclass(frozen=True)
class Ingest:
    """A running ingest: where its listeners are, and the process."""

    hooks: str
    admin: str
    probes: str
    child: Child

    async def post(self, client: httpx.AsyncClient, body: bytes, message: str) -> httpx.Response:
        """One signed delivery to the bank's account."""
        headers = sign(base64.b64decode(SECRET), message, CLOCK.real(), body)
        return await client.post(
            f"{self.hooks}/v1/hooks/generic/bank", content=body, headers=headers
        )


def token_of(role: str) -> str:
    """The bearer token of a role in these tests."""
    return f"{role}-token-of-this-test"


def settings_of(folder: Path, **more: str) -> dict[str, str]:
    """What ingest finds in its environment: secrets of three brands, tokens of three roles."""
    rows = [
        {
            "id": f"{role}-desk",
            "role": role,
            "sha256": sha256(token_of(role).encode()).hexdigest(),
            "expires": (datetime.now(UTC) + timedelta(days=1)).isoformat(),  # noqa: TID251 - real
        }
        for role in ROLES
    ]
    tokens = folder / "tokens.yaml"
    tokens.write_bytes(msgspec.json.encode({"tokens": rows}))
    return {
        "BRANDS": str(ROOT / "services/ingest/brands.example.yaml"),
        "DATABASE_URL": f"sqlite:///{folder / 'ingest.db'}",
        "ADMIN_TOKENS": str(tokens),
        "ERASURE_KEY": "k" * 32,
        "SEVERBANK_HOOK_SECRET": f"whsec_{SECRET.decode()}",
        **more,
    }


@asynccontextmanager
async def ingest(cluster: Cluster, folder: Path, **more: str) -> AsyncIterator[Ingest]:
    """Ingest as its own process, ready; stopped at the end."""
    hooks, admin, probes = free_ports(3)
    ports = {"HOOKS_PORT": str(hooks), "ADMIN_PORT": str(admin), "PORT": str(probes)}
    child = start("ingest", cluster, folder, **settings_of(folder, **more), **ports)
    running = Ingest(
        hooks=f"http://127.0.0.1:{hooks}",
        admin=f"http://127.0.0.1:{admin}",
        probes=f"http://127.0.0.1:{probes}",
        child=child,
    )
    try:
        await until_ready(child, running.probes, folder / "ingest.log")
        yield running
    finally:
        child.stop()
