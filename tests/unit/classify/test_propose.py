# Three inputs that break the easy version:
# 1. a question to the brand that the model would only listen to: it must be answered;
# 2. self-harm in a post that the model calls praise: a person must see it;
# 3. an insult with a fair claim that the model would leave without reply: the claim wins.
"""May the model decide alone? Only where nobody is left unheard and nobody is in danger."""

from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.vocabulary import Addressed, Disposition, Flag, Intent, Solvable
from services.classify.domain.judge import Judgement
from services.classify.domain.propose import SILENT, of_axes, propose
from tests.unit.classify.judging import judged

BASE = judged("Where is my parcel?")
AXES: dict[str, st.SearchStrategy[Any]] = {
    "addressed": st.sampled_from([Addressed.direct, Addressed.mention, Addressed.none]),
    "intent": st.sampled_from([intent for intent in Intent if intent is not Intent.unknown]),
    "rude": st.booleans(),
    "fair_claim": st.booleans(),
    "solvable": st.sampled_from([Solvable.yes, Solvable.unknown]),
    "flags": st.sets(st.sampled_from([Flag.churn, Flag.legal, Flag.self_harm])).map(tuple),
    "proposal": st.sampled_from([None, *(one for one in Disposition if one.value != "unknown")]),
}
JUDGEMENTS = st.fixed_dictionaries(AXES).map(lambda axes: msgspec.structs.replace(BASE, **axes))


@given(JUDGEMENTS)
@example(
    msgspec.structs.replace(
        BASE, addressed=Addressed.direct, intent=Intent.request, rude=True, fair_claim=False
    )
)
def test_nobody_who_asks_the_brand_is_left_unheard(found: Judgement) -> None:
    asks = found.intent in (Intent.question, Intent.request)
    claims = found.intent is Intent.complaint and found.fair_claim

    if found.addressed is Addressed.direct and (asks or claims):
        assert propose(found) not in SILENT


@given(JUDGEMENTS)
def test_danger_brings_in_a_person_whatever_the_model_would_do(found: Judgement) -> None:
    if Flag.self_harm in found.flags and found.intent is not Intent.spam:
        assert propose(found) is Disposition.human_review


@given(JUDGEMENTS)
def test_otherwise_the_model_decides(found: Judgement) -> None:
    quiet = msgspec.structs.replace(found, flags=(), intent=Intent.talk, fair_claim=False)

    assert propose(quiet) is (found.proposal or of_axes(quiet))
