"""What does classify count? Judgements, how sure they were, and what another model made of them."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram

from schemas.classified import Classification
from schemas.languages import told_apart
from services.classify.domain.opinion import Outcome


class Metrics:
    """The metric objects of classify, on the registry it is given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        classified = Counter(
            "otklik_classified",
            "Posts judged, by brand, language, tone and urgency band.",
            ("brand", "lang", "tone", "band"),
            registry=registry,
        )
        confidence = Histogram(
            "otklik_classify_confidence",
            "How sure the judge was, by axis.",
            ("axis",),
            buckets=(0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0),
            registry=registry,
        )
        self._classified, self._confidence = cache(classified.labels), cache(confidence.labels)
        self._asked = Counter(
            "otklik_classify_second_opinion",
            "Posts that another model was to be asked about, by what became of it.",
            ("outcome",),
            registry=registry,
        )
        self._disagreement = Counter(
            "otklik_classify_disagreement",
            "Posts of which another model says something else, by axis.",
            ("axis",),
            registry=registry,
        )
        self._seconds = Histogram(
            "otklik_classify_second_opinion_seconds",
            "From asking another model about a batch to its end or the budget's, real time.",
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
            registry=registry,
        )

    def judged(self, brand: str, judgement: Classification) -> None:
        """Count one judgement."""
        band = str(judgement.urgency_band)
        self._classified(brand, told_apart(judgement.lang), judgement.tone.value, band).inc()
        for axis, sure in judgement.confidence.items():
            self._confidence(axis).observe(sure)

    def asked(self, outcome: Outcome) -> None:
        """Count one post that another model was to be asked about."""
        self._asked.labels(outcome.value).inc()

    def disagreed(self, axis: str) -> None:
        """Count one post of which it says something else on an axis."""
        self._disagreement.labels(axis).inc()

    def took(self, seconds: float) -> None:
        """Observe how long a batch's round took."""
        self._seconds.observe(seconds)
