"""What does a model learn from a person who decided otherwise? A label line of the post (R6).

The text is joined from the events, which have it for 7 days: route keeps none. What nobody
corrected is as classify judged it, and ``corrected`` names what was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from schemas.classified import Classification, ClassifiedPost, urgency_band
from schemas.erasures import AuthorErased
from schemas.event import Event
from schemas.vocabulary import Addressed, CaseTopic, Disposition, Intent, Op, Solvable, Tone
from services.route.domain.export import BadLine, numbered
from services.route.domain.views import Correction

KINDS: tuple[type[Event], ...] = (ClassifiedPost, AuthorErased)
"""The events that a text is found in, and those that say whose may not be used."""

_NO_LABEL = frozenset({Disposition.none, Disposition.unknown})
_CONTENT = frozenset({Op.created, Op.edited})

Key = tuple[str, str]
"""Brand and id: two brands may know a post by the same id."""


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the label guide; ``corrected`` are the axes that a person has decided."""

    id: str
    source: str = "override"
    lang: str
    text: str
    real: bool = True
    addressed: Addressed
    intent: Intent
    tone: Tone
    strength: int
    rude: bool
    fair_claim: bool
    solvable: Solvable
    urgency: int
    topic: CaseTopic
    disposition: Disposition
    personal_data: bool
    repeat_contact: bool
    doubt: int = 0
    corrected: tuple[str, ...]


def read_corrections(lines: Iterable[str | bytes]) -> Sequence[Correction]:
    """The lines of ``GET /v1/corrections``; raises ``BadLine``."""
    decoder, found = msgspec.json.Decoder(Correction), []
    for number, line in numbered(lines):
        try:
            found.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            why = f"line {number}: expected a line of GET /v1/corrections: {error}"
            raise BadLine(why) from error
    return found


def labels_of(corrections: Sequence[Correction], events: Iterable[Event]) -> Iterator[Label]:
    """A label for each post that is still there, in the order of the first correction."""
    wanted = _by_post(corrections)
    said: dict[Key, list[ClassifiedPost]] = {}
    forgotten: set[str | None] = set()
    for event in events:
        if isinstance(event, AuthorErased):
            forgotten.add(event.author_hash)
        elif isinstance(event, ClassifiedPost) and _key(event) in wanted:
            said.setdefault(_key(event), []).append(event)
    for key, those in wanted.items():
        seen = _seen_by(those[-1], said.get(key, ()))
        if seen and seen.post.author and seen.post.author.hash in forgotten - {None}:
            continue
        if seen and seen.classification:
            yield from _labelled(seen, seen.classification, those)


def _by_post(corrections: Sequence[Correction]) -> Mapping[Key, Sequence[Correction]]:
    found: dict[Key, list[Correction]] = {}
    for one in corrections:
        found.setdefault((one.brand, one.id), []).append(one)
    return found


def _key(event: ClassifiedPost) -> Key:
    return event.post.brand, event.post.id


def _seen_by(correction: Correction, events: Sequence[ClassifiedPost]) -> ClassifiedPost | None:
    """The revision that the person saw; none of a post that its author took back since."""
    ordered = sorted(events, key=lambda one: (one.post.occurred_at, one.post.revision))
    if ordered and ordered[-1].post.op is Op.deleted:
        return None
    texts = [one for one in ordered if one.post.op in _CONTENT and one.post.text]
    before = [one for one in texts if one.post.occurred_at <= correction.at]
    return before[-1] if before else None


def _labelled(
    seen: ClassifiedPost, judged: Classification, corrections: Sequence[Correction]
) -> Iterator[Label]:
    """What somebody put back as it was is no correction."""
    first, last = corrections[0], corrections[-1]
    axes: dict[str, object] = {}
    if last.disposition is not first.was_disposition and last.disposition not in _NO_LABEL:
        axes["disposition"] = last.disposition
    if last.urgency != first.was_urgency:
        axes["urgency"] = urgency_band(last.urgency)
    if not axes:
        return
    given = {
        name: getattr(judged, name)
        for name in Label.__struct_fields__
        if name in Classification.__struct_fields__
    }
    given |= {"urgency": judged.urgency_band, "lang": last.lang, **axes}
    name = f"{seen.post.brand}:{seen.post.id}"
    yield Label(id=name, text=seen.post.text, corrected=tuple(axes), **given)
