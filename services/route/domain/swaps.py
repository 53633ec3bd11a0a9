"""Who stands in for whom? Swapped duty and sick leave, as they change by the hour (policy.md)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from schemas.event import Contract, Instant
from schemas.yaml_marks import BadFile, read_yaml


class Swap(Contract, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person is away for a while; nobody, or somebody ``instead``, takes the duty."""

    person: str
    since: Instant = msgspec.field(name="from")
    until: Instant
    instead: str | None = None

    def holds(self, at: datetime) -> bool:
        """Is the person away then? The interval is half open."""
        return self.since <= at < self.until


def read_swaps(text: str, people: Iterable[str]) -> tuple[Swap, ...]:
    """The swaps of a file, JSON or YAML; raises ``BadFile``, also for a person nobody knows."""
    document = read_yaml(text)
    try:
        swaps = msgspec.convert(document.value or [], tuple[Swap, ...])
    except msgspec.ValidationError as error:
        fields = [field.encode_name for field in msgspec.structs.fields(Swap)]
        raise BadFile((document.misshapen(error, fields=fields),)) from error
    known = sorted(set(people))
    problems = [
        document.problem(f"$[{n}].{field}", why)
        for n, swap in enumerate(swaps)
        for field, why in wrong_swap(swap, known)
    ]
    if problems:
        raise BadFile(tuple(problems))
    return swaps


def standing(people: Iterable[str], at: datetime, swaps: Sequence[Swap]) -> tuple[str, ...]:
    """Who is there then, each once, in the order of the duty."""
    away = {swap.person: swap.instead for swap in swaps if swap.holds(at)}
    there = (_stand_in(person, away) for person in people)
    return tuple(dict.fromkeys(person for person in there if person))


def _stand_in(person: str, away: dict[str, str | None]) -> str | None:
    """Whoever stands in at the end of the chain; two who exchange their duties end it at once."""
    seen, last = {person}, person
    while last in away:
        following = away[last]
        if following is None:
            return None
        if following in seen:
            return away[person]
        seen.add(following)
        last = following
    return last


def wrong_swap(swap: Swap, known: Sequence[str]) -> Iterable[tuple[str, str]]:
    """The fields of a swap that cannot be, and why."""
    if swap.person not in known:
        yield "person", f"expected one of {', '.join(known)}, got `{swap.person}`"
    if swap.until <= swap.since:
        yield "until", "expected a time after `from`"
