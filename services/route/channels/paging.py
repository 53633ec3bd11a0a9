"""How does an alert wake somebody? PagerDuty and Alertmanager, which know a group by its key.

Both fold what they get under one key, so a message whose answer was lost comes once.
"""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx

from schemas.states import AlertState, PriorityBand
from services.route.channels.posting import post
from services.route.domain.message import Sending

PAGERDUTY = "https://events.pagerduty.com"
SUMMARY = 1024
UNTIL_TOLD_AGAIN = timedelta(days=7)
"""Alertmanager ends after five minutes what says no end; ours ends when route says so."""
KEY = 255
_SEVERITIES = {
    PriorityBand.critical: "critical",
    PriorityBand.high: "error",
    PriorityBand.normal: "warning",
}
_ACTIONS = {AlertState.acknowledged: "acknowledge", AlertState.resolved: "resolve"}


class PagerDutyChannel:
    """Events API v2: one incident a group, acknowledged and resolved with it."""

    def __init__(self, client: httpx.AsyncClient, routing_key: str, base: str) -> None:
        self._client, self._key, self._url = client, routing_key, f"{base}/v2/enqueue"

    async def send(self, sending: Sending) -> str | None:
        """Send once; raises ``Undelivered`` where it must be tried again."""
        alert, message = sending.alert, sending.message
        body: dict[str, Any] = {
            "routing_key": self._key,
            "event_action": _ACTIONS.get(alert.state, "trigger"),
            "dedup_key": dedup_key(alert.group_key),
            "payload": {
                "summary": message.text[:SUMMARY],
                "source": f"otklik/{alert.brand}",
                "severity": _SEVERITIES.get(alert.severity, "info"),
                "group": alert.team,
                "class": alert.kind.value,
            },
        }
        if message.link:
            body["links"] = [{"href": message.link, "text": "↗"}]
        await post(self._client, self._url, body, at=sending.at)
        return None


class AlertmanagerChannel:
    """Alertmanager's v2 API: labels are the group's identity, so nothing that changes is one."""

    def __init__(self, client: httpx.AsyncClient, base: str) -> None:
        self._client, self._url = client, f"{base.rstrip('/')}/api/v2/alerts"

    async def send(self, sending: Sending) -> str | None:
        """Send once; raises ``Undelivered`` where it must be tried again."""
        alert, message = sending.alert, sending.message
        labels = {
            "alertname": "OtklikCall",
            "group_key": alert.group_key,
            "brand": alert.brand,
            "team": alert.team,
            "kind": alert.kind.value,
        }
        if alert.exercise:  # a route of its own can keep exercises from whom they do not concern
            labels["exercise"] = "true"
        told = {"summary": message.text, "severity": alert.severity.value}
        one: dict[str, Any] = {"labels": labels, "annotations": told}
        over = alert.state is AlertState.resolved
        one["endsAt"] = (sending.at if over else sending.at + UNTIL_TOLD_AGAIN).isoformat()
        if message.link:
            one["generatorURL"] = message.link
        if message.mine and message.mine.url:
            told["mine_url"] = message.mine.url
        await post(self._client, self._url, [one], at=sending.at)
        return None


def dedup_key(group_key: str) -> str:
    """The group's key, or its digest where it is longer than PagerDuty takes."""
    if len(group_key) <= KEY:
        return group_key
    return sha256(group_key.encode()).hexdigest()
