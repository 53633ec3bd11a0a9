"""Does the file use words that we know? A reader on the wire is tolerant, a policy's reader not."""

from collections.abc import Iterator
from typing import Any

import msgspec

from schemas.vocabulary import Vocabulary
from schemas.yaml_marks import Document, Problem, did_you_mean
from services.route.domain.spec import PolicySpec

_DELETING = frozenset({"delete", "remove", "hide"})


def unknown_words(document: Document, spec: PolicySpec) -> Iterator[Problem]:
    """Every word of a closed list that is none of it, with its place and what was expected."""
    for name, sla in spec.sla.items():
        yield from _of_struct(document, f"$.sla.{name}", sla)
    for n, rule in enumerate(spec.rules):
        yield from _of_struct(document, f"$.rules[{n}].then", rule.then)
        for m, example in enumerate(rule.tests):
            yield from _of_struct(document, f"$.rules[{n}].tests[{m}].gives", example.gives)


def _of_struct(document: Document, path: str, struct: msgspec.Struct) -> Iterator[Problem]:
    for field in struct.__struct_fields__:
        value = getattr(struct, field)
        if isinstance(value, Vocabulary) and value == "unknown":
            said = _said(document.value, f"{path}.{field}")
            words = [word.value for word in type(value) if word != "unknown"]
            yield document.problem(f"{path}.{field}", _why(said, words))


def _why(said: str, words: list[str]) -> str:
    if said in _DELETING:
        return "deleting and hiding cannot be written down: a post stays, whatever it says (R24)"
    return f"expected one of {', '.join(words)}, got `{said}`{did_you_mean(said, words)}"


def _said(value: Any, path: str) -> str:
    for step in path.removeprefix("$.").replace("[", ".[").split("."):
        value = value[int(step[1:-1])] if step.startswith("[") else value[step]
    return str(value)
