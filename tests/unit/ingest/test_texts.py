"""Texts are storable, and without the personal data in them.

The inputs that break the easy version: an order number of eleven digits like a phone, an account
number followed by a word in capitals, a letter and its accent as two characters.
"""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.redact import redact
from services.ingest.domain.text import clean, cut, decodable

NUMBERS = ("+7 916 123-45-67", "+79161234567", "(916)1234567", "4111 1111 1111 1111")
NAMED = ("a@b.example", "GB82WEST12345698765432", "7523169263", "паспорт ", "4510 123456")
ODD = ("заказ №", "и\u0306", "\r\n", "\x00", "[phone]", "-", "8", " ")
PIECES = st.sampled_from((*NUMBERS, *NAMED, *ODD))
REPEATED = ("a", "1", "1 ", "BG80 ", "паспорт № ", "+7(", "- ", "order ", "a.b@", "a@b.cc@")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Перезвоните: +7 (916) 123-45-67 или 8 916 123 45 67", "Перезвоните: [phone] или [phone]"),
        ("мой номер 9161234567, тел. № 89161234567", "мой номер [phone], тел. № [phone]"),
        ("по заказу 48213 звоните 8\u00a0916\u00a0123‑45‑67", "по заказу 48213 звоните [phone]"),
        ("тел. 0888 123 456, 088 812 3456, 02 987 65 43", "тел. [phone], [phone], [phone]"),
        ("обадете се на +359 88 812 3456", "обадете се на [phone]"),
        ("call (415) 555-0132, 415-555-0132, 07700 900123", "call [phone], [phone], [phone]"),
        ("пишите ivan.p@mail.example и иван@почта.рф", "пишите [email] и [email]"),
        ("карта 4111 1111 1111 1111, МИР 2200123456789019", "карта [card], МИР [card]"),
        ("IBAN: BG80 BNBG 9661 1020 3456 78 ASAP", "IBAN: [iban] ASAP"),
        ("gb82west12345698765432", "[iban]"),
        ("ЕГН 7523169263, 8032056031", "ЕГН [egn], [egn]"),
        ("СНИЛС 112-233-445 95, снилс 11223344595", "СНИЛС [snils], снилс [snils]"),
        ("my snils: 112 233 445 95", "my snils: [snils]"),
        ("паспорт серия 45 10 № 123456", "паспорт серия [passport]"),
        (
            "лична карта № 641234567, passport no. AB1234567",
            "лична карта № [passport], passport no. [passport]",
        ),
    ],
)
def test_personal_data_becomes_a_typed_placeholder(text: str, shown: str) -> None:
    assert redact(text)[0] == shown


@pytest.mark.parametrize(
    "text",
    [
        "Заказ № 8916123456, заказ 89161234567",
        "поръчка 0888123456, пратка № 7523169263",
        "order #4155550132, order number 9161234567, Amazon 114-1234567-1234567",
        "рейс SU1234, бронь ABC123, бронирование 1234567890, трек 80088812345678",
        "4111 1111 1111 1112 и 1234567812345670",
        "GB82WEST12345698765433, BG80BNBG96611020345699",
        "2026-03-02 10:00, 12.03.2026-15.03.2026, 1 000 000 руб, 192.168.100.200",
        "https://vk.example/wall-123_4567890123?reply=9876543210",
        "ЕГН 7523169264, 9999999999",
        "112-233-445 96, заказ 11223344595, трек 112-233-445 95",
    ],
)
def test_numbers_that_a_case_is_solved_with_stay(text: str) -> None:
    assert redact(text) == (text, ())


def test_what_was_found_is_named_once() -> None:
    assert redact("a@b.example, c@d.example, +7 916 123-45-67")[1] == ("email", "phone")


@given(st.lists(PIECES | st.text(max_size=12), max_size=8).map("".join))
def test_redacting_again_finds_nothing_more(text: str) -> None:
    shown, _ = redact(clean(text))

    assert redact(shown) == (shown, ())


@given(st.lists(PIECES | st.text(st.characters(), max_size=12), max_size=8).map("".join))
def test_a_clean_text_is_storable_and_stays_as_it_is(text: str) -> None:
    shown = clean(text)

    assert clean(shown) == shown
    assert unicodedata.is_normalized("NFC", shown)
    assert shown.encode().decode() == shown
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t"]


def test_accents_are_composed_and_lines_end_alike() -> None:
    assert clean("мои\u0306\r\nи\u0300\rё\u202eц\x00\x07") == "мой\nѝ\nё\u202eц\ufffd "


@given(st.text(max_size=60), st.integers(0, 80))
def test_a_cut_text_fits_and_splits_no_character(text: str, limit: int) -> None:
    kept, truncated = cut(text, limit)

    assert len(kept.encode()) <= limit
    assert text.startswith(kept)
    assert truncated == (kept != text)


@given(st.text(st.characters(), max_size=40))
def test_json_decodes_after_cleaning_and_means_the_same(text: str) -> None:
    decoded = json.loads(decodable(json.dumps(text).encode()))

    assert decoded.encode() is not None
    assert "\x00" not in decoded
    if text.isprintable() and clean(text) == text:
        assert decoded == text


def test_an_escaped_backslash_is_no_escape() -> None:
    assert decodable(rb'"\\ud83d \\u0000"') == rb'"\\ud83d \\u0000"'


@pytest.mark.parametrize("piece", [*REPEATED, *NUMBERS])
def test_redaction_of_a_full_text_ends(piece: str) -> None:
    shown, _ = redact(piece * (65_536 // len(piece)))

    assert redact(shown)[0] == shown
