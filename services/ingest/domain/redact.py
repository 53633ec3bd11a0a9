"""What must not travel on? Personal data in a text becomes a typed placeholder (P13).

Order, booking and ticket numbers stay: they are what a case is solved with. Russian, Bulgarian
and English wording; every pattern is bounded, so that no text can make it slow.
"""

import re
from collections.abc import Callable

import msgspec

from services.ingest.domain.personal import (
    digits_of,
    iban_length,
    is_card,
    is_egn,
    is_iban,
    is_snils,
)

_GAP = r"[ \u00a0\u2009\u202f.\-\u2010-\u2013]"
_NOT_INSIDE = r"(?<![\w@/+=-])"
_END = r"(?![\w@])(?!-\d)"
_EMAIL = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_IBAN = rf"(?<!\w)[A-Za-z]{{2}}\d{{2}}(?:{_GAP}?[A-Za-z0-9]){{11,30}}"
_CARD = rf"{_NOT_INSIDE}\d(?:{_GAP}?\d){{13,18}}{_END}"
_SNILS = rf"{_NOT_INSIDE}\d{{3}}{_GAP}?\d{{3}}{_GAP}?\d{{3}}{_GAP}?\d{{2}}{_END}"
_EGN = rf"{_NOT_INSIDE}\d{{6}}{_GAP}?\d{{4}}{_END}"
_PASSPORT = (
    r"(?P<words>(?:паспорт|passport|лична карта|личната карта|л\.\s?к\.|id card|identity card)"
    r"\w{0,3}(?:[\s:№#.,-]|серия|номер|number|no\b|nr\b|is\b){0,6})"
    rf"(?:\d{{2}}{_GAP}?\d{{2}}{_GAP}?(?:[№,]?\s?(?:номер)?\s?)\d{{6}}"
    rf"|[A-Za-zА-Я]{{2}}{_GAP}?\d{{7}}|\d{{9}}){_END}"
)
_PHONE = (
    rf"(?<![\w@/+=-])(?:"
    rf"(?:\+|00)[1-9](?:{_GAP}?\(?{_GAP}?\d\)?){{7,13}}"
    rf"|[78]{_GAP}?\(?[3489]\d{{2}}\)?(?:{_GAP}?\d){{7}}"  # Russia, with 8 or 7
    rf"|\(9\d{{2}}\){_GAP}?(?:{_GAP}?\d){{7}}|9\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{2}}{_GAP}?\d{{2}}|9\d{{9}}"
    rf"|0(?:87|88|89|98|99)\d(?:{_GAP}?\d){{6}}|0(?:8[789]|9[89]){_GAP}\d(?:{_GAP}?\d){{6}}"
    rf"|\(?02\)?[ /]{{1,2}}[89](?:{_GAP}?\d){{5,6}}"  # Sofia
    rf"|07\d{{3}}{_GAP}?\d{{3}}{_GAP}?\d{{3}}|020{_GAP}\d{{4}}{_GAP}\d{{4}}"  # Great Britain
    rf"|\(\d{{3}}\){_GAP}?\d{{3}}{_GAP}\d{{4}}|\d{{3}}[-.]\d{{3}}[-.]\d{{4}}"  # North America
    rf"){_END}"
)
_ORDER_WORDS = re.compile(
    r"(?:заказ|поръчк|order|tracking|трек|пратк|товарител|накладн|invoice|фактур|сч[её]т|booking"
    r"|брон|резерваци|билет|ticket|договор|contract|обращени|заявк|рекламаци|claim|case)\w{0,6}"
    r"[\s:№#.-]{0,3}(?:номер|number|no|nr|id|с номер|is)?[\s:№#.-]{0,3}\Z"
    r"|(?<!тел)(?<!тел\.)(?<!тел\. )[№#]\s?\Z",
    re.IGNORECASE,
)
_MAY_HOLD = re.compile(r"@|\d(?:\D{0,3}\d){5}")
"""Six digits near each other, or an at sign: without them there is none of it, as in most texts."""

_PASSES = 8
"""How often the kinds are gone through: one may uncover another, a text must not go on for ever."""

_BARE = re.compile(r"9\d{9}")
"""A Russian mobile number without 8 or +7: ten digits like any others, so a word must say it."""

_PHONE_WORDS = re.compile(
    r"(?:тел|моб|номер|звон|обад|ватсап|вайбер|phone|call|mobile|cell|whatsapp|viber)\w{0,7}"
    r"[\s:.,№#-]{0,4}\Z",
    re.IGNORECASE,
)
_SNILS_WORDS = re.compile(r"(?:снилс|snils|страхов\w{0,6})[\s:№#.-]{0,4}\Z", re.IGNORECASE)

_BEFORE = 48
"""How many characters in front of a number are read to see what it is the number of."""


class Kind(msgspec.Struct, frozen=True):
    """One sort of personal data: its placeholder, where it may stand, and what proves it."""

    name: str
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str]], str]


def redact(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with placeholders such as ``[phone]``, and which kinds were found, in order."""
    found: list[str] = []
    for _ in range(_PASSES):
        before = text
        if not _MAY_HOLD.search(text):
            break
        for kind in _KINDS:
            after = _replaced(kind, text)
            if after != text and kind.name not in found:
                found.append(kind.name)
            text = after
        if text == before:
            break
    return text, tuple(found)


def _replaced(kind: Kind, text: str) -> str:
    """Left to right, each match seeing the placeholders before it: ``sub`` sees the old digits."""
    place = 0
    while match := kind.pattern.search(text, place):
        shown = kind.replace(match)
        text = text[: match.start()] + shown + text[match.end() :]
        place = match.start() + len(shown)
    return text


def _email(_: re.Match[str]) -> str:
    return "[email]"


def _passport(found: re.Match[str]) -> str:
    return f"{found['words']}[passport]"


def _iban(found: re.Match[str]) -> str:
    """The match may have run on into the next words: count off the country's length."""
    taken, compact = 0, ""
    while len(compact) < (iban_length(found[0]) or 0) and taken < len(found[0]):
        compact += found[0][taken] if found[0][taken].isalnum() else ""
        taken += 1
    rest = found[0][taken:]
    if rest[:1].isalnum() or not is_iban(compact):
        return found[0]
    return f"[iban]{rest}"


def _card(found: re.Match[str]) -> str:
    return "[card]" if is_card(digits_of(found[0])) else found[0]


def _egn(found: re.Match[str]) -> str:
    if not is_egn(digits_of(found[0])) or _is_order(found):
        return found[0]
    return "[egn]"


def _snils(found: re.Match[str]) -> str:
    """Written in threes it speaks for itself; eleven digits in a row need the word before them."""
    if not is_snils(digits_of(found[0])) or _is_order(found):
        return found[0]
    spaced = re.fullmatch(rf"\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}?\d{{2}}", found[0])
    return "[snils]" if spaced or _SNILS_WORDS.search(_before(found)) else found[0]


def _phone(found: re.Match[str]) -> str:
    if not found[0].startswith("+") and _is_order(found):
        return found[0]
    if _BARE.fullmatch(found[0]) and not _PHONE_WORDS.search(_before(found)):
        return found[0]
    return "[phone]"


def _is_order(found: re.Match[str]) -> bool:
    return bool(_ORDER_WORDS.search(_before(found)))


def _before(found: re.Match[str]) -> str:
    start = found.start()
    return found.string[max(0, start - _BEFORE) : start]


_KINDS = (
    Kind("email", re.compile(_EMAIL), _email),
    Kind("passport", re.compile(_PASSPORT, re.IGNORECASE), _passport),
    Kind("iban", re.compile(_IBAN), _iban),
    Kind("card", re.compile(_CARD), _card),
    Kind("snils", re.compile(_SNILS), _snils),
    Kind("egn", re.compile(_EGN), _egn),
    Kind("phone", re.compile(_PHONE), _phone),
)
