"""Does a text expose personal data? A phone, an address, a card, a document or a booking code.

A shape is found first, then the words around it say whose it is (the label guide: not an advert's
phone, not a bare order number).
"""

import re
from collections.abc import Callable, Iterator

import msgspec

from services.classify.domain import personal_owners as owners
from services.classify.domain import personal_shapes as shapes
from services.classify.domain import personal_words as words
from services.classify.domain.judge import Span, Spans
from services.classify.domain.personal_found import Found, is_own
from services.classify.domain.personal_homes import exposes_home
from services.classify.domain.reading import read

DIGIT, CODED = re.compile(r"[0-9]"), re.compile(r"[A-Z0-9][A-Z0-9]{5}")
MAIL = re.compile(r"@(?<=\w@)\w")
LATIN = re.compile(r"[a-z]{3}")
ACCOUNT_DIGITS, TAX_DIGITS, PHONE_DIGITS, BANK_DIGITS = 8, 12, 13, 20
MOST = 20
"""How many places of one shape are looked at: a text with more is no customer's."""


class Kind(msgspec.Struct, frozen=True):
    """One sort of personal data: its shape, and whether it is a person's where it stands."""

    shape: re.Pattern[str]
    exposes: Callable[[Found], bool]
    in_original: bool = False


def personal_places(text: str) -> Spans:
    """Where personal data stands, left to right; a place may be of two kinds."""
    kinds = tuple(_kinds(text))
    return tuple(sorted(set(_places(text, kinds)))) if kinds else ()


def _places(text: str, kinds: tuple[Kind, ...]) -> Iterator[Span]:
    folded = read(text).folded
    for kind in kinds:
        matches = kind.shape.finditer(text if kind.in_original else folded)
        for _, match in zip(range(MOST), matches, strict=False):
            start, end = match.span()
            if kind.exposes(Found(original=text, folded=folded, start=start, end=end)):
                yield start, end


def _kinds(text: str) -> Iterator[Kind]:
    """Which kinds may be there: most texts hold nothing that any of them begins with."""
    if "[" in text or "<" in text or "{" in text or "__email__" in text:
        yield PLACEHOLDER
    if "@" in text and MAIL.search(text):
        yield EMAIL
    if CODED.search(text):
        yield CODE
    if DIGIT.search(text):
        yield HOME
        if shapes.DATED.search(text):
            yield BIRTH
        if shapes.CLOSE.search(text):
            yield from LONG


def _exposes_phone(found: Found) -> bool:
    if owners.TOLL_FREE.fullmatch(found.digits) or shapes.DATE.fullmatch(found.shown):
        return False
    if owners.MY_OWN_BEHIND.match(found.after):
        return True
    theirs = owners.STRANGERS.search(found.before) or owners.STRANGER_BEHIND.search(found.after)
    return not theirs and not _of_order(found) and is_own(found) and not _is_offered(found)


def _is_offered(found: Found) -> bool:
    """Does somebody who tells nothing of themselves offer something, or invite all to call?"""
    if found.original.startswith("@") or owners.AUTHOR.search(found.folded):
        return False
    return bool(owners.INVITES.search(found.before) or owners.OFFER.search(found.folded))


def _exposes_number(found: Found) -> bool:
    size = len(found.digits)
    official = (
        words.DOCUMENT.search(found.before)
        or (size >= ACCOUNT_DIGITS and words.ACCOUNT.search(found.before))
        or (size == TAX_DIGITS and words.TAX.search(found.before))
        or (size == BANK_DIGITS and found.digits.startswith("408"))  # the bank's code for people
    )
    if official:
        return is_own(found)
    said = words.SAYS_PHONE.search(found.before)
    named = said or (size > ACCOUNT_DIGITS and words.SAYS_NUMBER.search(found.before))
    return bool(named) and size <= PHONE_DIGITS and _exposes_phone(found)


def _exposes_mail(found: Found) -> bool:
    theirs = owners.ROLE.match(found.shown) or owners.THEIR_MAIL.search(found.before)
    private = (
        owners.PRIVATE.match(found.shown)
        or not found.shown.partition("@")[0].isalpha()
        or words.SAYS_MAIL.search(found.before)
    )
    return bool(private) and not theirs and is_own(found)


def _exposes_iban(found: Found) -> bool:
    named = "iban" in found.before or found.shown[4:8].isalpha()
    return (named or is_iban(found.shown)) and not _of_order(found) and is_own(found)


def _exposes_card(found: Found) -> bool:
    if _of_order(found) or not is_own(found):
        return False
    grouped = not found.shown.isdecimal()
    return grouped or is_luhn(found.digits) or bool(words.CARD.search(found.before))


def _exposes_code(found: Found) -> bool:
    code = found.original[found.start : found.end]
    if code.isdecimal() or (code.isalpha() and not _is_named_code(found)):
        return False
    if words.BOOKING.search(found.before):
        return is_own(found)
    return bool(shapes.MIXED.fullmatch(code)) and not (
        words.PROMO.search(found.before) or _of_order(found)
    )


def _is_named_code(found: Found) -> bool:
    """Letters alone are a word, unless a word says code or all the rest is Cyrillic."""
    return bool(words.CODED.search(found.before)) or not LATIN.search(found.before)


def _exposes_birth(found: Found) -> bool:
    born = words.BORN.search(found.before) or words.BORN_BEHIND.match(found.after)
    return bool(born) and is_own(found)


def _of_order(found: Found) -> bool:
    return bool(owners.ORDER.search(found.before))


def is_luhn(digits: str) -> bool:
    """Do the digits of a card check?"""
    doubled = "".join(str(int(digit) * 2) for digit in digits[-2::-2])
    return sum(map(int, doubled + digits[-1::-2])) % 10 == 0


def is_iban(text: str) -> bool:
    """Do the digits of an account number check (ISO 13616)?"""
    compact = text.replace(" ", "")
    turned = compact[4:] + compact[:4]
    return compact.isascii() and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


PLACEHOLDER = Kind(shapes.PLACEHOLDER, lambda _: True)
EMAIL = Kind(shapes.EMAIL, _exposes_mail)
CODE = Kind(shapes.CODE, _exposes_code, in_original=True)
HOME = Kind(shapes.HOUSE, exposes_home)
BIRTH = Kind(shapes.DATE, _exposes_birth)
LONG = (
    Kind(shapes.PHONE, _exposes_phone),
    Kind(shapes.DIGITS, _exposes_number),
    Kind(shapes.CARD, _exposes_card),
    Kind(shapes.IBAN, _exposes_iban),
    Kind(shapes.INSURANCE, is_own),
)
"""Kinds of many digits."""
