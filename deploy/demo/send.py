"""Try a post of your own on what `make up` started: ``python -m deploy.demo.send ACCOUNT TEXT``."""

import argparse
import base64
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec

from deploy.demo.keep import STATE
from deploy.demo.script import BRANDS
from deploy.demo.settings import SECRET
from deploy.demo.stack import ROOT
from services.route.channels.webhook import sign
from stream.clock import parse_clock


def signed(text: str, account: str, now: datetime) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a post that somebody writes now, as Standard Webhooks has them."""
    number = f"{now:%Y%m%d%H%M%S%f}"
    post = {
        "id": number,
        "author": {"id": "newcomer"},
        "text": text,
        "posted_at": now.astimezone(UTC).isoformat(),
        "mentions": [BRANDS[account]],
    }
    body = msgspec.json.encode(post)
    return body, sign(base64.b64decode(SECRET.removeprefix("whsec_")), f"msg_{number}", now, body)


def main(arguments: list[str], folder: Path = ROOT / ".run/up") -> int:
    """Send one post and print the answer; 0 accepted, 1 not, 2 bad usage."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo.send")
    parser.add_argument("account", choices=sorted(BRANDS))
    parser.add_argument("text")
    chosen = parser.parse_args(arguments)
    state = folder / STATE
    if not state.exists():
        print(f"expected what `make up` started, there is no {state}", file=sys.stderr)
        return 1
    body, headers = signed(chosen.text, chosen.account, parse_clock("").real())
    url = f"{json.loads(state.read_text())['addresses']['hooks']}/v1/hooks/generic/{chosen.account}"
    try:
        answer = httpx.post(url, content=body, headers=headers)
    except httpx.HTTPError as error:
        print(f"expected an answer of {url}, got {error}", file=sys.stderr)
        return 1
    print(answer.status_code, answer.text)
    return int(not answer.is_success)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
