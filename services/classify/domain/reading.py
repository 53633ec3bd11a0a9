"""How is a text read? Lower case, one apostrophe, no addresses, every place where it was."""

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from services.classify.domain.judge import Span, Spans

ADDRESS = re.compile(
    r"https?://\S+|www\.\S+|(?<![\w-])[\w-]{1,63}\.(?:ly|co|com|ru|bg|net|org)/\S+|\{link\}"
)
TAG = re.compile(r"(?<![\w@.])@\w[\w.]*")
RETWEET = re.compile(r"^\W*rt\b|\brt @", re.IGNORECASE)
OPENING_TAG = re.compile(r"^[\s.\"'“«]*@\w")
SIGNS = (("ё", "е"), ("’", "'"), ("`", "'"), ("ѝ", "и"), ("#", " "))


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A folded text; ``starts`` says where each of its signs was, if that is not the same place."""

    original: str
    folded: str
    tags: Spans
    addresses: int
    opens_with_tag: bool
    is_retweet: bool
    starts: tuple[int, ...] | None = None

    def place(self, span: Span) -> Span:
        """Where a span of the folded text stands in the original."""
        if self.starts is None:
            return span
        return self.starts[span[0]], self.starts[span[1]]

    def tag_names(self) -> tuple[str, ...]:
        """The tags in lower case, without the sign."""
        return tuple(self.original[start + 1 : end].lower() for start, end in self.tags)


@lru_cache(maxsize=4)
def read(text: str) -> Reading:
    """Fold a text for matching: an address or a tag becomes one sign and blanks."""
    folded = fold(text)
    tags = tuple(match.span() for match in TAG.finditer(text)) if "@" in text else ()
    addresses = tuple(match.span() for match in ADDRESS.finditer(text)) if _may_link(folded) else ()
    return Reading(
        original=text,
        folded=_blanked(_blanked(folded, tags, "@"), addresses, "~"),
        tags=tags,
        addresses=len(addresses),
        opens_with_tag="@" in text and OPENING_TAG.match(text) is not None,
        is_retweet="rt" in folded and RETWEET.search(text) is not None,
    )


def fold(text: str) -> str:
    """Lower case without a change of length."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(_lower(sign) for sign in text)
    for sign, plain in SIGNS:
        lowered = lowered.replace(sign, plain)
    return lowered


def in_cyrillic(reading: Reading, letters: Mapping[str, str]) -> Reading:
    """The same reading with Latin letters as Cyrillic ones, every letter with its old place."""
    text = SIX.sub("ш", FOUR.sub("ч", reading.folded))
    out: list[str] = []
    starts: list[int] = []
    here = 0
    while here < len(text):
        size = next((n for n in (3, 2, 1) if text[here : here + n] in letters), 0)
        starts.append(here)
        out.append(letters[text[here : here + size]] if size else text[here])
        here += max(1, size)
    return msgspec.structs.replace(reading, folded="".join(out), starts=(*starts, len(text)))


FOUR, SIX = re.compile(r"4(?=[a-z])|(?<=[a-z])4"), re.compile(r"6(?=[a-z])|(?<=[a-z])6")
"""Bulgarians write 4 for ch and 6 for sh."""


def _lower(sign: str) -> str:
    lowered = sign.lower()
    return lowered if len(lowered) == 1 else sign


def _blanked(text: str, spans: Spans, sign: str) -> str:
    """Every span as one sign and blanks, so that all else keeps its place."""
    for start, end in spans:
        text = text[:start] + sign + " " * (end - start - 1) + text[end:]
    return text


def _may_link(folded: str) -> bool:
    return "/" in folded or "www." in folded or "{" in folded
