"""Are these replies fit to be suggested? Reads the files and says all that is wrong with them."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from schemas.vocabulary import CaseTopic
from schemas.yaml_marks import BadFile, Document, Problem, read_yaml
from services.route.domain.replies import TOPIC, Language, Replies, Situation, Texts
from services.route.domain.reply_faults import ROOM, ReplyWords, faults

T = TypeVar("T")
SITUATIONS = "situations"
LANGUAGES = ("ru", "bg", "en")
"""What every situation must be said in, from day one (R43)."""


class _Spec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    topics: dict[str, str]
    words: ReplyWords
    texts: dict[str, Texts]


_FIELDS = sorted(
    {f.name for kind in (_Spec, ReplyWords, Texts, Situation) for f in msgspec.structs.fields(kind)}
)


def read_replies(files: Mapping[str, str]) -> Replies:
    """The replies of ``situations`` and of each language; ``BadFile`` with every problem."""
    missing = {SITUATIONS, *LANGUAGES} - files.keys()
    if missing:
        why = f"expected the files {', '.join(sorted(missing))}"
        raise BadFile((Problem(line=1, column=1, path="$", why=why),))
    document = read_yaml(files[SITUATIONS])
    situations = _converted(SITUATIONS, document, tuple[Situation, ...])
    problems = [_in_file(SITUATIONS, one) for one in _strange(document, situations)]
    languages = {}
    for lang in LANGUAGES:
        document = read_yaml(files[lang])
        spec = _converted(lang, document, _Spec)
        found = (*_incomplete(document, spec, situations), *_faulty(document, spec, situations))
        problems += [_in_file(lang, one) for one in found]
        topics = {CaseTopic(topic): said for topic, said in spec.topics.items()}
        languages[lang] = Language(topics=topics, texts=spec.texts)
    if problems:
        raise BadFile(tuple(problems))
    return Replies(situations=situations, languages=languages)


def _converted(name: str, document: Document, kind: type[T]) -> T:
    try:
        return msgspec.convert(document.value, kind)
    except msgspec.ValidationError as error:
        problem = document.misshapen(error, fields=_FIELDS)
        raise BadFile((_in_file(name, problem),)) from error


def _in_file(name: str, problem: Problem) -> Problem:
    return msgspec.structs.replace(problem, path=f"{name}.yaml {problem.path}")


def _strange(document: Document, situations: tuple[Situation, ...]) -> Iterator[Problem]:
    """Words of a closed list that are none of it, and ids that stand twice."""
    seen: set[str] = set()
    for n, one in enumerate(situations):
        words = (one.kind, one.visibility, *one.dispositions, *one.topics)
        if any(word == "unknown" for word in words):
            yield document.problem(f"$[{n}]", f"`{one.id}` has a word that is not known")
        if one.id in seen:
            yield document.problem(f"$[{n}].id", f"expected each id once, `{one.id}` stands again")
        seen.add(one.id)


def _incomplete(
    document: Document, spec: _Spec, situations: tuple[Situation, ...]
) -> Iterator[Problem]:
    """Every situation has texts, every topic a name, and there are no others."""
    known = {one.id for one in situations}
    topics = {topic.value for topic in CaseTopic if topic is not CaseTopic.unknown}
    for name, wanted, there in (
        ("texts", known, spec.texts.keys()),
        ("topics", topics, spec.topics.keys()),
    ):
        for one in sorted(wanted - there):
            yield document.problem(f"$.{name}", f"expected `{one}` too")
        for one in sorted(there - wanted):
            yield document.problem(f"$.{name}.{one}", f"nothing is called `{one}`")
    for name, texts in spec.texts.items():
        if not (texts.full and texts.short):
            why = "expected at least one full text and one short"
            yield document.problem(f"$.texts.{name}", why)


def _faulty(
    document: Document, spec: _Spec, situations: tuple[Situation, ...]
) -> Iterator[Problem]:
    longest = max(spec.topics.values(), key=len, default="")
    for situation in situations:
        texts = spec.texts.get(situation.id, Texts(full=(), short=()))
        for room in ROOM:
            for n, text in enumerate(getattr(texts, room)):
                said = text.replace(f"{{{TOPIC}}}", longest)
                for why in faults(said, spec.words, situation, room=room):
                    yield document.problem(f"$.texts.{situation.id}.{room}[{n}]", why)
