"""Does a text expose personal data? A phone, an address, a card, a document or a booking code."""

import re

from services.classify.domain.judge import Spans

EMAIL = r"(?<![\w.+-])[\w.+-]{2,64}@[\w-]{1,63}\.[a-z]{2,}"
PHONE = r"(?<![\d.,])(?:\+|00)?\d(?:[\s().-]{0,2}\d){8,12}(?![\d.,]*\d)"
CARD = r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?!\d)"
IBAN = r"\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){3,7}\b"
KINDS = "phone|e-?mail|card|iban|address|passport|document|name|egn|inn|snils"
PLACEHOLDER = rf"[\[<{{](?:{KINDS})[^\]>}}]{{0,12}}[\]>}}]"
EXPOSED = re.compile("|".join((PLACEHOLDER, CARD, EMAIL, IBAN, PHONE)), re.IGNORECASE)
DIGIT = re.compile(r"\d")


def personal_places(text: str) -> Spans:
    """Where personal data stands by its shape alone."""
    if not DIGIT.search(text) and not re.search(r"[@\[<{]", text):
        return ()
    return tuple(match.span() for match in EXPOSED.finditer(text))
