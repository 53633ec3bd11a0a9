"""Whose accounts do we listen to? ``brands.yaml``, typed; every unknown key is an error.

Secrets stand there by the name of an environment variable, never by value.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Literal, TypeVar

import msgspec
import yaml

Name = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9][a-z0-9_-]*\Z", max_length=64)]
SecretName = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z][A-Z0-9_]*\Z", max_length=128)]

T = TypeVar("T")


class BadBrands(Exception):  # noqa: N818 - reads as what it is
    """The file cannot be used; the message names the path, what was expected and what came."""


class AccountSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account as written in the file; at most two secrets, so that one can be rotated."""

    source: str
    id: Name
    channel_role: Literal["service", "marketing"]
    own_ids: tuple[str, ...] = ()
    bot_ids: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    secrets: Annotated[tuple[SecretName, ...], msgspec.Meta(max_length=2)] = ()
    handshake: SecretName | None = None
    expected_interval_minutes: Annotated[int, msgspec.Meta(ge=1)] | None = None


class BrandSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One brand as written in the file."""

    accounts: tuple[object, ...]


class BrandsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    brands: dict[Name, object]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A configured account: who owns it, which author ids are the brand's own.

    ``expected_interval`` is how many seconds it may be silent before somebody should look.
    """

    brand: str
    source: str
    id: str
    channel_role: Literal["service", "marketing"]
    own_ids: frozenset[str] = frozenset()
    bot_ids: frozenset[str] = frozenset()
    terms: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    handshake: str | None = None
    expected_interval: int | None = None


Accounts = Mapping[tuple[str, str], Account]
"""Accounts by source and account id."""


def read_brands(text: str, sources: Collection[str]) -> Accounts:
    """The accounts of the file, which may use these sources; raises ``BadBrands``."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else "$"
        raise BadBrands(f"{line}: expected YAML") from error
    found: dict[tuple[str, str], Account] = {}
    for path, account in _accounts(document):
        if account.source not in sources:
            raise BadBrands(
                f"{path}.source: expected one of {', '.join(sorted(sources))}, "
                f"got `{account.source}`"
            )
        if (account.source, account.id) in found:
            raise BadBrands(
                f"{path}.id: expected each source and id once, got `{account.id}` again"
            )
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


def _accounts(document: object) -> Iterable[tuple[str, Account]]:
    for brand, written in _read(document, BrandsFile, "$").brands.items():
        path = f"$.brands.{brand}"
        for number, one in enumerate(_read(written, BrandSpec, path).accounts):
            where = f"{path}.accounts[{number}]"
            yield where, _account(brand, _read(one, AccountSpec, where))


def _account(brand: str, spec: AccountSpec) -> Account:
    minutes = spec.expected_interval_minutes
    return Account(
        brand=brand,
        source=spec.source,
        id=spec.id,
        channel_role=spec.channel_role,
        own_ids=frozenset(spec.own_ids),
        bot_ids=frozenset(spec.bot_ids),
        terms=spec.terms,
        secrets=spec.secrets,
        handshake=spec.handshake,
        expected_interval=60 * minutes if minutes else None,
    )


def _read(value: object, kind: type[T], path: str) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        why, _, place = str(error).partition(" - at `")
        raise BadBrands(f"{path}{place.removesuffix('`').removeprefix('$')}: {why}") from error
