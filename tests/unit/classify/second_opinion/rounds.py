"""How these tests consult: a batch of texts, judged by the built-in model, and what was counted."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from services.classify.domain.opinion import Judged, SecondOpinion
from services.classify.metrics import Metrics
from services.classify.second_opinion.consulting import Consulting, Terms
from tests.unit.classify.judging import JUDGE

LONG, SHORT, PATIENCE = 10.0, 0.02, 5.0
"""Budgets in real seconds: one that is never used up, one that a test waits for, and how long a
batch may take that has used it up."""

HEARD = frozenset({"tone", "topic"})
TEXTS = (
    "Большое СПАСИБО, вы очень помогли",
    "Благодаря ви, бързо и любезно",
    "Thank you so much!",
    "Верните деньги, третий день жду",
    "Къде са парите ми?",
    "Where is my money?",
    "Приложение снова не открывается",
    "Приложението не работи",
    "Your app is down again",
)


def judged(*texts: str) -> list[Judged]:
    """What the built-in model makes of the texts."""
    return [
        Judged(text=text, judgement=JUDGE.judge(text, None), model=JUDGE.model) for text in texts
    ]


class Consultation:
    """A second opinion that is consulted, its clock and its counts."""

    def __init__(
        self,
        second: SecondOpinion,
        *,
        axes: frozenset[str] = HEARD,
        seconds: float = LONG,
        at_once: int = 4,
    ) -> None:
        self.now, self._registry = 1000.0, CollectorRegistry()
        terms = Terms(axes=axes, seconds=seconds, at_once=at_once)
        self.consulting = Consulting(second, terms, Metrics(self._registry), lambda: self.now)

    async def __call__(self, *texts: str) -> Sequence[Judged]:
        """The texts, judged and consulted about."""
        return await self.consulting(judged(*texts))

    def counted(self, name: str = "second_opinion") -> dict[str, int]:
        """How often, by outcome or axis; what was not counted is left out."""
        return {
            next(iter(sample.labels.values())): int(sample.value)
            for metric in self._registry.collect()
            for sample in metric.samples
            if sample.name == f"otklik_classify_{name}_total" and sample.value
        }
