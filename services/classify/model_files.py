"""How is a model kept? Arrays as memory-mapped files beside a header in JSON."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from services.classify.domain.eye import Eye
from services.classify.domain.language import Languages
from services.classify.domain.lexicon import Lexicon
from services.classify.domain.model import Arrays, BadModel, Header, Trained, trained
from services.classify.domain.trained_judge import TrainedJudge


class Minds(msgspec.Struct, frozen=True, kw_only=True):
    """What judges posts and what sees texts, both from one folder."""

    judge: TrainedJudge
    eye: Eye


def read_minds(folder: Path, lexicons: Mapping[str, Lexicon]) -> Minds:
    """The judge and the eye of a model's folder; raises ``BadModel``."""
    eye = Eye(languages=read_languages(folder), lexicons=lexicons)
    return Minds(judge=TrainedJudge(read_model(folder), eye), eye=eye)


def read_model(folder: Path) -> Trained:
    """The model of a folder, its table mapped and not read; raises ``BadModel``."""
    try:
        header = msgspec.json.decode((folder / "header.json").read_bytes(), type=Header)
        table = np.asarray(np.load(folder / "table.npy", mmap_mode="r"))  # mapped all the same
        dense = np.load(folder / "dense.npz")
        arrays = Arrays(
            table=table, scales=dense["scales"], cues=dense["cues"], slopes=dense["slopes"]
        )
    except (OSError, ValueError, KeyError, msgspec.DecodeError) as error:
        raise BadModel(f"{folder}: expected a model that `train` wrote, {error}") from error
    return trained(header, arrays)


def read_languages(folder: Path) -> Languages:
    """The language model of a folder; raises ``BadModel``."""
    try:
        table = np.ascontiguousarray(np.load(folder / "languages.npy"))  # a row stands together
        dense = np.load(folder / "languages.npz")
        return Languages(table=table, scales=dense["scales"], offsets=dense["offsets"])
    except (OSError, ValueError, KeyError) as error:
        raise BadModel(f"{folder}: expected a model that `train` wrote, {error}") from error


def save(folder: Path, header: Header, arrays: Arrays) -> None:
    """Write a model; the same model gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    encoded = msgspec.json.format(msgspec.json.encode(header), indent=1)
    (folder / "header.json").write_bytes(encoded + b"\n")
    np.save(folder / "table.npy", arrays.table)
    np.savez(folder / "dense.npz", scales=arrays.scales, cues=arrays.cues, slopes=arrays.slopes)


def save_languages(folder: Path, languages: Languages) -> None:
    """Write a language model."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "languages.npy", languages.table)
    np.savez(folder / "languages.npz", scales=languages.scales, offsets=languages.offsets)
