"""Whose accounts do we listen to? ``brands.yaml``, typed; every unknown key is an error.

Secrets stand there by the name of an environment variable, never by value.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from schemas.event import Instant
from schemas.yaml_marks import BadFile, Document, Problem, read_yaml
from services.ingest.domain.polls import POLLS, Poll, TopicPoll

# Patterns that an editor's JavaScript reads as well; ``$`` alone would take a line break.
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]*$(?!\n)", max_length=64)]
SecretName = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9_]*$(?!\n)", max_length=128)]
Term = Annotated[str, msgspec.Meta(min_length=2, max_length=100)]

T = TypeVar("T")


class BadBrands(Exception):  # noqa: N818 - reads as what it is
    """The file cannot be used; says line, column, path, what was expected and what came."""

    def __init__(self, problem: Problem) -> None:
        where = f"line {problem.line}, column {problem.column}: {problem.path}"
        super().__init__(f"{where}: {problem.why}")
        self.problem = problem


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who is treated with special care, by the platform's id and until an instant."""

    source: str
    id: Annotated[str, msgspec.Meta(min_length=1)]
    role: Literal["vip", "press"]
    until: Instant


class AccountSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account as written in the file; at most two secrets, so that one can be rotated.

    ``handshake`` names what a platform's first question is checked by or answered with, ``poll``
    says what is polled; with ``spool`` what the broker does not ack waits on the disk.
    """

    source: str
    id: Name
    channel_role: Literal["service", "marketing"]
    own_ids: tuple[str, ...] = ()
    bot_ids: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    secrets: Annotated[tuple[SecretName, ...], msgspec.Meta(max_length=2)] = ()
    handshake: SecretName | None = None
    expected_interval_minutes: Annotated[int, msgspec.Meta(ge=1)] | None = None
    poll: dict[str, str | int] | None = None
    spool: bool = False


class BrandSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One brand as written in the file; ``terms`` are by what names its texts speak of it."""

    accounts: tuple[AccountSpec, ...]
    terms: tuple[Term, ...] = ()
    people: tuple[Person, ...] = ()


class BrandsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    brands: dict[Name, BrandSpec]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A configured account: who owns it, which author ids are the brand's own.

    ``terms`` are the brand's and its own; ``people`` those of its source by id;
    ``expected_interval`` is how many seconds it may be silent before somebody should look.
    """

    brand: str
    source: str
    id: str
    channel_role: Literal["service", "marketing"]
    own_ids: frozenset[str] = frozenset()
    bot_ids: frozenset[str] = frozenset()
    terms: tuple[str, ...] = ()
    people: Mapping[str, tuple[Person, ...]] = {}
    secrets: tuple[str, ...] = ()
    handshake: str | None = None
    expected_interval: int | None = None
    poll: Poll | TopicPoll | None = None
    spool: bool = False


Accounts = Mapping[tuple[str, str], Account]
"""Accounts by source and account id."""


def read_brands(text: str, sources: Collection[str]) -> Accounts:
    """The accounts of the file, which may use these sources; raises ``BadBrands``."""
    try:
        document = read_yaml(text)
    except BadFile as error:
        raise BadBrands(error.problems[0]) from error
    found: dict[tuple[str, str], Account] = {}
    for path, account in _accounts(document):
        if account.source not in sources:
            known = ", ".join(sorted(sources))
            why = f"expected one of {known}, got `{account.source}`"
            raise BadBrands(document.problem(f"{path}.source", why))
        if (account.source, account.id) in found:
            why = f"expected each source and id once, got `{account.id}` again"
            raise BadBrands(document.problem(f"{path}.id", why))
        found[account.source, account.id] = account
    return found


def pages_of(account: Account, others: Iterable[Account]) -> Mapping[str, Account]:
    """Whose an event is by the platform's id of the page: one app may deliver for several.

    Only accounts of the same source that share a secret with this one are looked at.
    """
    siblings = [
        one
        for one in others
        if one.source == account.source and set(one.secrets) & set(account.secrets)
    ]
    return {own: one for one in (*siblings, account) for own in one.own_ids}


class _Outline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    brands: dict[str, object]


class _BrandOutline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    accounts: tuple[object, ...]
    terms: tuple[Term, ...] = ()
    people: tuple[Person, ...] = ()


def _accounts(document: Document) -> Iterator[tuple[str, Account]]:
    """Read level by level: msgspec's paths leave out the keys of a mapping."""
    for brand, written in _read(document, document.value, _Outline, "$").brands.items():
        path = f"$.brands.{brand}"
        _read(document, brand, Name, path)
        outline = _read(document, written, _BrandOutline, path)
        for number, one in enumerate(outline.accounts):
            where = f"{path}.accounts[{number}]"
            spec = _read(document, one, AccountSpec, where)
            poll = _poll(document, spec, where)
            yield where, replace(_account(brand, outline, spec), poll=poll)


def _poll(document: Document, spec: AccountSpec, where: str) -> Poll | TopicPoll | None:
    """What is polled; a source that is polled has to say it, another one may not."""
    kind = POLLS.get(spec.source)
    if kind is None and spec.poll is not None:
        why = f"expected none, since `{spec.source}` is not polled"
        raise BadBrands(document.problem(f"{where}.poll", why))
    if kind is not None and spec.spool:
        why = "expected none, since what is polled comes again"
        raise BadBrands(document.problem(f"{where}.spool", why))
    return _read(document, spec.poll, kind, f"{where}.poll") if kind else None


def _account(brand: str, outline: _BrandOutline, spec: AccountSpec) -> Account:
    minutes = spec.expected_interval_minutes
    people: dict[str, tuple[Person, ...]] = {}
    for person in outline.people:
        if person.source == spec.source:
            people[person.id] = (*people.get(person.id, ()), person)
    return Account(
        brand=brand,
        source=spec.source,
        id=spec.id,
        channel_role=spec.channel_role,
        own_ids=frozenset(spec.own_ids),
        bot_ids=frozenset(spec.bot_ids),
        terms=tuple(dict.fromkeys((*outline.terms, *spec.terms))),
        people=people,
        secrets=spec.secrets,
        handshake=spec.handshake,
        expected_interval=60 * minutes if minutes else None,
        spool=spec.spool,
    )


_SHAPES = (BrandSpec, AccountSpec, Person, *POLLS.values())
_FIELDS = sorted({field.name for kind in _SHAPES for field in msgspec.structs.fields(kind)})


def _read(document: Document, value: object, kind: type[T], path: str) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise BadBrands(document.misshapen(error, below=path, fields=_FIELDS)) from error
