"""Is this really a card, an account, a person's number? Check digits and lengths, no guessing."""

import re

_CARDS = re.compile(r"3[068]\d{12}|3[47]\d{13}|[2-6]\d{15}|[2-6]\d{17,18}")
_EGN_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6)
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BY": 28,
    "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27,
    "GB": 22, "GE": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27,
    "KZ": 20, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "RU": 33, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29, "XK": 20,
}  # fmt: skip


def digits_of(text: str) -> str:
    """The decimal digits in a text, as ASCII whatever script they are written in."""
    return "".join(str(int(character)) for character in text if character.isdecimal())


def is_card(digits: str) -> bool:
    """A payment card's number: a network's first digit and length, and Luhn."""
    if not _CARDS.fullmatch(digits):
        return False
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    kept = [int(digit) for digit in digits[-1::-2]]
    return (sum(kept) + sum(number // 10 + number % 10 for number in doubled)) % 10 == 0


def is_egn(digits: str) -> bool:
    """A Bulgarian personal number: a birth date (months +20 or +40) and a check digit."""
    if len(digits) != 10:
        return False
    month, day = int(digits[2:4]), int(digits[4:6])
    if month - month // 20 * 20 not in range(1, 13) or month >= 60 or day not in range(1, 32):
        return False
    total = sum(w * int(digit) for w, digit in zip(_EGN_WEIGHTS, digits[:9], strict=True))
    return total % 11 % 10 == int(digits[9])


def is_snils(digits: str) -> bool:
    """A Russian insurance number: nine digits and the two that check them."""
    if len(digits) != 11 or digits[:9] <= "001001998":
        return False
    total = sum(
        weight * int(digit) for weight, digit in zip(range(9, 0, -1), digits[:9], strict=True)
    )
    return total % 101 % 100 == int(digits[9:])


def iban_length(text: str) -> int | None:
    """How many characters the account number of that country has; None where it has none."""
    return _IBAN_LENGTHS.get(text[:2].upper())


def is_iban(compact: str) -> bool:
    """An account number without separators: its country's length, and mod 97 (ISO 13616)."""
    if len(compact) != iban_length(compact) or not compact.isascii() or not compact.isalnum():
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1
