"""Which numbers do the signs of a text become? The dense half of what a trained head looks at."""

import re
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from schemas.vocabulary import CaseTopic
from services.classify.domain.lexicon import TOPICS, Cue
from services.classify.domain.matching import WORD
from services.classify.domain.signs import Signs

NUMBER = re.compile(r"\d\d*")  # in two parts, for what begins with a set of signs is found faster
ENDS_WITH_ADDRESS = re.compile(r"https?://\S+\s*$")
QUOTES = '«„“"'
LANGUAGES = ("ru", "bg", "en", "uk", "other")
MANY = 3
"""Beyond three of a kind one more says nothing new."""

LOOKS = (
    "personal", "asks", "marks", "exclaims", "shouts", "glad", "cross", "tags_company",
    "opens_with_tag", "is_retweet", "tags", "addresses", "length", "is_short", "is_long", "hashes",
    "lines", "question_marks", "emoji", "dots", "ends_with_address", "numbers", "quoted",
    "quoted_address", "all_capitals",
)  # fmt: skip
"""What a text looks like, whatever its words."""

NAMES: tuple[str, ...] = (
    *(f"{kind}:{cue}" for kind in ("has", "many", "opens") for cue in Cue),
    *(f"{kind}:{topic}" for kind in ("about", "much") for topic in TOPICS),
    *LOOKS,
    *(f"lang:{lang}" for lang in LANGUAGES),
)
"""The names of the numbers, in their order; a model says which ones it was trained with."""

MEET = (
    *(f"has:{cue}" for cue in Cue),
    *(f"about:{topic}" for topic in TOPICS),
    "personal", "asks", "exclaims", "glad", "cross", "tags_company", "opens_with_tag",
    "is_retweet", "addresses", "is_short", "is_long", "question_marks", "ends_with_address",
    *(f"lang:{lang}" for lang in LANGUAGES),
)  # fmt: skip
"""Two of these may say together what neither says alone: each pair has a weight of its own."""

PLACE = {name: place for place, name in enumerate(NAMES)}
OF_CUE = {cue: tuple(PLACE[f"{kind}:{cue}"] for kind in ("has", "many", "opens")) for cue in Cue}
OF_TOPIC: dict[CaseTopic, tuple[int, ...]] = {
    topic: tuple(PLACE[f"{kind}:{topic}"] for kind in ("about", "much")) for topic in TOPICS
}
FIRST_LOOK = PLACE[LOOKS[0]]
Numbers = NDArray[np.float32]
Rows = NDArray[np.int64]

PAIRS = tuple(combinations(MEET, 2))
_MEETING = np.array([PLACE[name] for name in MEET])
_ROWS = np.zeros((len(MEET), len(MEET)), dtype=np.int64)
_ROWS[np.triu_indices(len(MEET), 1)] = np.arange(len(PAIRS)) + len(NAMES)


def numbers_of(signs: Signs) -> Numbers:
    """The numbers of one text, each between 0 and 1, in the order of ``NAMES``."""
    numbers: list[float] = [0.0] * len(NAMES)
    begins = WORD.search(signs.reading.folded)
    first = begins.start() if begins else 0
    for cue, spots in signs.found.items():
        has, many, opens = OF_CUE[cue]
        numbers[has], numbers[many] = 1, min(len(spots), MANY) / MANY
        numbers[opens] = spots[0][0] <= first
    for topic, spots in signs.topics.items():
        about, much = OF_TOPIC[topic]
        numbers[about], numbers[much] = 1, min(len(spots), MANY) / MANY
    numbers[FIRST_LOOK : FIRST_LOOK + len(LOOKS)] = _looks(signs)
    numbers[PLACE[f"lang:{signs.lang}"]] = 1
    return np.array(numbers, dtype=np.float32)


def pairs_of(numbers: Numbers) -> Rows:
    """The rows of the pairs that meet in a text; they stand behind those of the numbers."""
    shown = numbers.take(_MEETING).nonzero()[0]
    rows = _ROWS.take(shown, axis=0).take(shown, axis=1)
    return rows[rows > 0]


def _looks(signs: Signs) -> tuple[float, ...]:
    text, reading = signs.reading.original, signs.reading
    addresses, quoted = min(reading.addresses, 2) / 2, any(map(text.__contains__, QUOTES))
    return (
        bool(signs.personal), signs.asks, _up_to(signs.marks), signs.marks > 0,
        _up_to(signs.shouts), signs.glad, signs.cross, signs.tags_company,
        reading.opens_with_tag, reading.is_retweet, _up_to(len(reading.tags)), addresses,
        min(len(text), 400) / 400, len(text) < 40, len(text) > 200, _up_to(text.count("#")),
        "\n" in text, _up_to(text.count("?")), _up_to(signs.emoji),
        "..." in text or "…" in text, _ends_with_address(signs),
        min(len(NUMBER.findall(text)), 4) / 4, quoted, addresses * quoted, text.isupper(),
    )  # fmt: skip


def _ends_with_address(signs: Signs) -> bool:
    text = signs.reading.original
    return bool(signs.reading.addresses) and ENDS_WITH_ADDRESS.search(text) is not None


def _up_to(count: int) -> float:
    return min(count, MANY) / MANY
