"""What does classify need to know at start? Its environment and its lexicons."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import yaml

from services.classify.domain.lexicon import (
    BadLexicon,
    Lexicon,
    LexiconFile,
    compile_lexicon,
)
from services.classify.domain.urgency import PART_NAMES
from stream.settings import StreamSettings, about, load

LEXICONS = Path(__file__).parent / "lexicons"


class Settings(StreamSettings, frozen=True, kw_only=True, rename="upper"):
    """The environment of classify."""

    lexicons: Annotated[str, about("The folder of lexicons, one file per language.")] = (
        "services/classify/lexicons"
    )


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; raises ``BadSettings``."""
    return load(Settings, environment)


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
