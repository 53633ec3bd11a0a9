"""With which settings do the demo's services run? The defaults, a scaled clock, and loopback."""

import json
from hashlib import sha256
from pathlib import Path

from deploy.demo.player import message_secret
from deploy.demo.script import BRANDS
from deploy.demo.stack import ROOT
from schemas.event import derive_id

TOKEN = derive_id("demo", "token")
SECRET = message_secret("demo")
POLICY = ROOT / "services/route/policy/default.yaml"
BRANDS_FILE = ROOT / "services/ingest/brands.example.yaml"
ROLES = ("operator", "reply", "privacy")
_CHANNELS = ("fraud-alerts", "care-alerts", "lead-alerts")


def settings(folder: Path, *, alerts: str, clock: str = "") -> dict[str, str]:
    """The environment of all four services; ``alerts`` is where the channels point.

    Without a canary: what is played, sent or measured has its own posts and no other.
    """
    tokens = _tokens(folder)
    return {
        "BRANDS": str(BRANDS_FILE),
        "POLICY": str(_policy(folder, scaled=clock)),
        "CHANNELS": json.dumps(dict.fromkeys(_CHANNELS, alerts)),
        "CHANNEL_SECRET": SECRET,
        "ADMIN_TOKENS": str(tokens),
        "ERASURE_KEY": derive_id("demo", "erasure"),
        "API_TOKENS": str(tokens),
        "CLOCK": clock,
        "TICK_SECONDS": "1",
        "CANARY_SECONDS": "0",
        **{f"{brand.upper()}_HOOK_SECRET": SECRET for brand in BRANDS.values()},
    }


def admin_token(role: str) -> str:
    """The bearer token of a role in the demo; derived, so that two runs are alike."""
    return derive_id("demo", "admin", role)


def _tokens(folder: Path) -> Path:
    """The file of both APIs' tokens: it holds their hashes alone."""
    callers = [(f"demo-{role}", role, admin_token(role)) for role in ROLES]
    rows = [
        {
            "id": name,
            "role": role,
            "sha256": sha256(token.encode()).hexdigest(),
            "expires": "2100-01-01T00:00:00Z",
        }
        for name, role, token in (*callers, ("night-desk", "admin", TOKEN))
    ]
    file = folder / "tokens.yaml"
    file.write_text(json.dumps({"tokens": rows}), encoding="utf-8")
    return file


def _policy(folder: Path, *, scaled: str) -> Path:
    """The default policy; on a scaled clock a blink is half an hour, so nothing is too late."""
    if not scaled:
        return POLICY
    text = POLICY.read_text(encoding="utf-8")
    text = text.replace("page_within: 30m", "page_within: 12h")
    text = text.replace("policy: default", "policy: default, page_within 12h for the demo")
    copy = folder / "policy.yaml"
    copy.write_text(text, encoding="utf-8")
    return copy
