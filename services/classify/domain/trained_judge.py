"""Who reads texts by what was learnt? The judge whose heads were trained and calibrated."""

from collections.abc import Mapping

from schemas.classified import Model
from schemas.vocabulary import Addressed, CaseTopic, Disposition, Emotion, Intent, Solvable, Tone
from services.classify.domain.explain import explained
from services.classify.domain.eye import Eye, Seen
from services.classify.domain.flags import flags_of, pressures_of
from services.classify.domain.judge import Judgement, Pressure, Spans
from services.classify.domain.lexicon import Cue
from services.classify.domain.model import Read, Trained, margins_of, pieces_of, read_axes
from services.classify.domain.rest import Haste, haste_of, looks_of


class TrainedJudge:
    """Judges a text by the heads of a model; flags and pressures come from cues alone."""

    def __init__(self, trained: Trained, eye: Eye) -> None:
        self._trained, self._eye = trained, eye
        header = trained.header
        self.model = Model(name=header.name, version=header.version, profile=header.profile)

    def judge(self, text: str, hint: str | None) -> Judgement:
        """The judgement of a text; ``hint`` is the language the platform named."""
        seen = self._eye.see(text, hint)
        pieces = pieces_of(self._trained, seen.buckets)
        margins = margins_of(self._trained, pieces, looks_of(seen))
        axes = read_axes(self._trained, margins[0])
        return judgement_of(axes, seen, haste_of(self._trained, margins))

    def evidence(self, text: str, hint: str | None) -> dict[str, Spans]:
        """Where in the text it shows: for every axis the spans that carried its class most."""
        seen = self._eye.see(text, hint)
        personal = {"personal_data": seen.signs.personal} if seen.signs.personal else {}
        pieces = pieces_of(self._trained, seen.buckets)
        axes = read_axes(self._trained, margins_of(self._trained, pieces, looks_of(seen))[0])
        return explained(self._trained, seen, axes) | personal


HARM = frozenset({Pressure.money_at_stake, Pressure.stranded})
"""Who tells of these makes a claim that the company can check, in however few words."""


def judgement_of(axes: Mapping[str, Read], seen: Seen, haste: Haste) -> Judgement:
    """The axes as their vocabularies name them, with what the cues alone say."""
    signs, tone = seen.signs, Tone(axes["tone"].says)
    said, claims = Intent(axes["intent"].says), axes["fair_claim"].says == "true"
    wrong = (said is Intent.spam and claims) or (said is Intent.praise and tone is Tone.negative)
    intent = Intent.complaint if wrong else said
    pressures = pressures_of(signs)
    harmed = intent in (Intent.complaint, Intent.request) and not HARM.isdisjoint(pressures)
    return Judgement(
        lang=signs.lang,
        addressed=Addressed(axes["addressed"].says),
        intent=intent,
        tone=tone,
        strength=int(axes["strength"].says),
        emotion=emotion_of(axes["emotion"], tone),
        rude=axes["rude"].says == "true",
        fair_claim=claims or harmed,
        solvable=Solvable(axes["solvable"].says),
        topic=CaseTopic(axes["topic"].says),
        personal_data=bool(signs.personal),
        repeat_contact=axes["repeat_contact"].says == "true",
        flags=flags_of(signs, intent),
        pressures=pressures,
        suspected_campaign=signs.has(Cue.campaign),
        wording=haste.wording,
        bands=haste.bands,
        proposal=Disposition(axes["disposition"].says),
        confidence={name: round(read.sure, 3) for name, read in axes.items()},
    )


def emotion_of(felt: Read, tone: Tone) -> Emotion:
    """The feeling that a reply must react to (R30); joy has no place in a negative text."""
    emotion = Emotion(felt.says)
    wrong = Emotion.joy if tone is Tone.negative else Emotion.anger
    return Emotion.none if emotion is wrong and tone is not Tone.indifferent else emotion
