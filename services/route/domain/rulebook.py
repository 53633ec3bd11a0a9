"""Which version of the policy decides? Compiled once each, by the number that the store gave it."""

from collections.abc import Collection, Iterator

import msgspec

from schemas.yaml_marks import read_yaml
from services.route.domain.desk import Rules
from services.route.domain.findings import Findings
from services.route.domain.needs import Needs
from services.route.domain.policy import Policy
from services.route.domain.policy_file import read_policy
from services.route.domain.replies import Replies

KEPT = 4
"""How many compiled versions are kept: a batch under way may still decide by the one before."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A checked policy as the store has it."""

    seq: int
    hash: str
    text: str
    author: str
    activated_at: int


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """What this installation has, and a policy may name: channels, and replies to suggest."""

    channels: Collection[str] = ()
    replies: Replies


class Rulebook:
    """The compiled versions of the policy; ``current`` is the newest that a step has used."""

    def __init__(self, rules: Rules) -> None:
        self.current = rules
        self._known = {rules.seq: rules}

    def known(self, seq: int) -> Rules | None:
        """A compiled version."""
        return self._known.get(seq)

    def put(self, version: Version) -> Rules:
        """Compile a version; from now on it is the current one, unless a newer one is."""
        rules = rules_of(version, self.current.needs)
        self._known[version.seq] = rules
        for old in sorted(self._known)[:-KEPT]:
            del self._known[old]
        self.current = self._known[max(self._known)]
        return rules


def rules_of(version: Version, needs: dict[str, Needs]) -> Rules:
    """A version compiled; raises ``BadFile`` where this program cannot read it."""
    return Rules(policy=read_policy(version.text), seq=version.seq, needs=needs)


def checked(text: str, installed: Installed) -> Policy:
    """The compiled policy; raises ``BadFile``, also where it names what is not installed here."""
    policy, findings = read_policy(text), Findings(read_yaml(text))
    _check_templates(policy, installed.replies, findings)
    known = ", ".join(installed.channels) or "none"
    for path, channel in _channels(policy):
        if channel not in installed.channels:
            why = f"expected a channel that CHANNELS has ({known}), got `{channel}`"
            findings.wrong(path, why)
    findings.refuse()
    return policy


def _channels(policy: Policy) -> Iterator[tuple[str, str]]:
    """Every channel that the policy may call, with its place in the file."""
    for team in policy.teams.values():
        yield f"$.teams.{team.name}.alerts", team.channel
    for way in policy.alerting.root.all():
        if way.channel:
            steps = "".join(f".routes[{n}]" for n in way.id.split(".")[1:])
            yield f"$.alerting{steps}.channel", way.channel
    if not policy.live:
        yield "$.alerting.test_channel", policy.alerting.test_channel


def with_templates(text: str, replies: Replies) -> Policy:
    """The compiled policy; raises ``BadFile``, also where no such reply can be suggested."""
    policy, findings = read_policy(text), Findings(read_yaml(text))
    _check_templates(policy, replies, findings)
    findings.refuse()
    return policy


def _check_templates(policy: Policy, replies: Replies, findings: Findings) -> None:
    situations = {one.id: one for one in replies.situations}
    for name in policy.templates:
        findings.known(f"$.templates.{name}", name, situations)
    for n, rule in enumerate(policy.rules):
        situation = situations.get(rule.then.template or "")
        if situation and rule.then.disposition not in situation.dispositions:
            why = f"`{situation.id}` is no reply for `{rule.then.disposition}`"
            findings.wrong(f"$.rules[{n}].then.template", why)
