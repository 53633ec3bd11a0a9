"""How does a policy come off the disk? With what the holiday files beside it say."""

from pathlib import Path

from services.route.domain.holiday_files import Content, named, written_out

AT_MOST = 256 * 1024
"""Bytes of a holiday file: a list of holidays is a few pages."""


def read_source(file: Path) -> str:
    """The policy as it is kept; ``BadFile`` for its holiday files, else what reading raises."""
    text = file.read_text(encoding="utf-8")
    return written_out(text, {name: _content(file.parent, name) for name in named(text)})


def files_beside(file: Path) -> tuple[Path, ...]:
    """The holiday files that a policy names; none where it cannot be read."""
    try:
        return tuple(file.parent / name for name in named(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        return ()


def _content(folder: Path, name: str) -> Content:
    file = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        return Content(problem="expected a file in the folder of the policy, or below it")
    try:
        if not file.is_file():
            return Content(problem=f"expected a file at {file}")
        with file.open("rb") as opened:
            content = opened.read(AT_MOST + 1)
        if len(content) > AT_MOST:
            return Content(problem=f"expected at most {AT_MOST // 1024} KB")
        return Content(text=content.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return Content(problem=f"expected a text in UTF-8: {error}")
