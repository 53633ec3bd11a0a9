"""What the tests of classify share: the shipped lexicons and model."""

from schemas.classified import Classification
from schemas.posts import SocialPost
from services.classify.domain.classify import classify, whys_of
from services.classify.domain.judge import Judgement
from services.classify.domain.rows import Row, post_of
from services.classify.model_files import read_minds
from services.classify.settings import MODEL, read_lexicons

LEXICONS = read_lexicons()
MINDS = read_minds(MODEL, LEXICONS)
JUDGE = MINDS.judge
WHYS = whys_of(LEXICONS)


def judged(text: str, hint: str | None = None) -> Judgement:
    """What the text alone says."""
    return JUDGE.judge(text, hint)


def meaning(text: str) -> Classification:
    """What a public post of an unknown author means."""
    return meaning_of(post_of(Row(id="1", text=text)))


def meaning_of(post: SocialPost) -> Classification:
    """What a post means."""
    return classify(post, JUDGE, WHYS)


def points(found: Classification) -> dict[str, int]:
    """The parts by name."""
    return {part.name: part.points for part in found.parts}
