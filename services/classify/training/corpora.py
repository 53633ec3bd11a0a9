"""What is trained on? Labelled posts, and the larger sets with the question each was made for."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from services.classify.domain.reading import fold

HERE = Path(__file__).parent
HALVES = ("en.jsonl", "ru.jsonl", "bg.jsonl")
"""The development half: a fair sample, of which figures are given apart."""

csv.field_size_limit(1 << 24)


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """A post with its labels; source: the label guide. ``real`` was written by a stranger."""

    id: str
    lang: str
    text: str
    real: bool
    source: str = "own"
    addressed: str
    intent: str
    tone: str
    strength: int
    rude: bool
    fair_claim: bool
    solvable: str
    urgency: int
    topic: str
    disposition: str
    personal_data: bool
    repeat_contact: bool
    doubt: int = 0
    half: bool = False
    """Is it of the development half?"""

    def says(self, axis: str) -> str:
        """Its label on an axis, in words."""
        return str(getattr(self, axis)).lower()


class Annotated(msgspec.Struct, frozen=True, kw_only=True):
    """Labels of a post whose text is not ours to keep: found again by the hash of the text."""

    sha1: str
    labels: dict[str, str | int | bool]


class Native(msgspec.Struct, frozen=True, kw_only=True):
    """A text of a larger set with that set's own label."""

    file: str
    source: str
    text: str
    label: str


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one side of a conversation said; a turn without a client is the brand's."""

    message: str
    client: str | None = None


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A customer and a brand; other keys are ignored."""

    turns: tuple[Turn, ...] = msgspec.field(name="dialogContent")


class Corpora(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one training looks at."""

    labelled: tuple[Labelled, ...]
    natives: tuple[Native, ...]


FILES = ("tone.", "abuse.", "emotion.", "emotion_cedr.")
"""How the names of the larger sets begin that heads are trained on."""

LICENCES: Mapping[str, tuple[str, bool]] = {
    "airline": ("CC BY-NC-SA 4.0", False),
    "crowdflower_brands": ("not stated", False),
    "sentirueval-2015-banks": ("none stated", False),
    "sentirueval-2015-telecoms": ("none stated", False),
    "rusentiment": ("CC BY-NC-SA 4.0", False),
    "cinexio": ("MIT per its hub card", True),
    "olid": ("none stated", False),
    "davidson": ("MIT", True),
    "ru_toxic_2ch_pikabu": ("not stated", False),
    "russe_detox_2022": ("not stated", False),
    "bg_toxic": ("BSD-3", True),
    "brighter": ("CC BY 4.0", True),
    "cedr": ("Apache-2.0", True),
}
"""Of every set: its licence, and whether that allows commercial use."""


def corpora(data: Path, profile: str, ours: Path = HERE) -> Corpora:
    """All texts of a folder of data that a profile may use and our own, in a fixed order."""
    free = profile == "permissive"
    labelled = [row for row in labelled_posts(data, ours) if not free or not row.real]
    used = (row for row in _natives(data) if row.file.startswith(FILES))
    natives = [row for row in used if not free or LICENCES[row.source][1]]
    kept = {plain(row.text) for row in labelled if row.half}
    return Corpora(
        labelled=tuple(labelled),
        natives=tuple(row for row in natives if plain(row.text) not in kept),
    )


def plain(text: str) -> str:
    """A text for comparing: letters and digits only."""
    return "".join(filter(str.isalnum, fold(text)))


def sha1(text: str) -> str:
    """The name of a text whose words are not kept."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def labelled_posts(data: Path, ours: Path = HERE) -> list[Labelled]:
    """Every labelled post once, the development half first."""
    return list(_unique([*_labelled(data, ours)]))


def _unique(rows: list[Labelled]) -> Iterator[Labelled]:
    """The first of each text; the development half comes first."""
    seen: set[str] = set()
    for row in sorted(rows, key=lambda row: (not row.half, row.id)):
        name = plain(row.text) or row.text
        if name not in seen:
            seen.add(name)
            yield row


def _labelled(data: Path, ours: Path) -> Iterator[Labelled]:
    decoder = msgspec.json.Decoder(Labelled)
    for path in (*sorted((data / "labels").glob("*.jsonl")), *sorted(ours.glob("own*.jsonl"))):
        for line in path.read_bytes().splitlines():
            row = decoder.decode(line)
            yield msgspec.structs.replace(row, half=path.name in HALVES)
    yield from _annotated(data, ours)


def _annotated(data: Path, ours: Path) -> Iterator[Labelled]:
    """Texts of the larger sets that were labelled for this project, by the hash of the text."""
    paths = sorted(ours.glob("annotated*.jsonl"))
    decoder = msgspec.json.Decoder(Annotated)
    wanted = {row.sha1: row.labels for path in paths
              for row in map(decoder.decode, path.read_bytes().splitlines())}  # fmt: skip
    for source, text in _texts(data) if wanted else ():
        labels = wanted.pop(sha1(text), None)
        if labels:
            given = {"text": text, "source": source, "real": True, **labels}
            yield msgspec.convert(given, Labelled)


def _texts(data: Path) -> Iterator[tuple[str, str]]:
    yield from ((row.source, row.text) for row in _natives(data))
    for path in sorted((data / "replay").glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as lines:
            yield from (("twcs_spotify", row["text"] or "") for row in csv.DictReader(lines))
    for path in sorted((data / "replay").glob("ibm*.json")):
        for talk in msgspec.json.decode(path.read_bytes(), type=list[Conversation]):
            yield from (("ibm_twitter_care", one.message) for one in talk.turns if one.client)


def _natives(data: Path) -> Iterator[Native]:
    for path in sorted((data / "train").glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                yield Native(file=path.stem, **row)
    for path in sorted((data / "train").glob("*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            label, _, text = line.partition("\t")
            yield Native(file=path.stem, source="sms_spam", text=text, label=label)
