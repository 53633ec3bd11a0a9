"""Which version of the policy decides? Compiled once each, by the number that the store gave it."""

from collections.abc import Collection

import msgspec

from schemas.yaml_marks import BadFile, read_yaml
from services.route.domain.alerting import Needs
from services.route.domain.desk import Rules
from services.route.domain.policy import Policy
from services.route.domain.policy_file import read_policy

KEPT = 4
"""How many compiled versions are kept: a batch under way may still decide by the one before."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A checked policy as the store has it."""

    seq: int
    hash: str
    text: str
    author: str
    activated_at: int


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


def checked(text: str, channels: Collection[str]) -> Policy:
    """The compiled policy; raises ``BadFile``, also where a team's channel is not allowed here."""
    policy = read_policy(text)
    strange = [team for team in policy.teams.values() if team.channel not in channels]
    if strange:
        document, known = read_yaml(text), ", ".join(channels) or "none"
        raise BadFile(
            tuple(
                document.problem(
                    f"$.teams.{team.name}.alerts",
                    f"expected a channel that CHANNELS has ({known}), got `{team.channel}`",
                )
                for team in strange
            )
        )
    return policy
