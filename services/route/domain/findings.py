"""What is wrong with a file's meaning? Everything at once, each with its place."""

from collections.abc import Iterable

from schemas.yaml_marks import BadFile, Document, Problem, did_you_mean


class Findings:
    """Collects the problems of one file."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def wrong(self, path: str, why: str) -> None:
        """Note one problem at a path of the file."""
        self.problems.append(self.document.problem(path, why))

    def clear(self, path: str) -> bool:
        """Is nothing wrong there or below? What could not be read is not judged."""
        below = (f"{path}.", f"{path}[")
        return not any(one.path == path or one.path.startswith(below) for one in self.problems)

    def known(self, path: str, name: str | None, known: Iterable[str]) -> bool:
        """Is the name one that the file defines? Nothing said is fine."""
        names = list(known)
        if name is None or name in names:
            return True
        hint = did_you_mean(name, names)
        expected = (
            f"expected one of {', '.join(names)}" if names else "expected none, none is named"
        )
        self.wrong(path, f"{expected}, got `{name}`{hint}")
        return False

    def refuse(self) -> None:
        """Raise ``BadFile`` with everything found so far, if there is anything."""
        if self.problems:
            ordered = sorted(self.problems, key=lambda one: (one.line, one.column))
            raise BadFile(tuple(ordered))
