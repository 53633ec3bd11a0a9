"""What does classify count? Judgements by language, tone and band, and how sure they were."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram

from schemas.classified import Classification

OTHER = "other"
LANGUAGES = frozenset({"ru", "bg", "en", "uk"})


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

    def judged(self, brand: str, judgement: Classification) -> None:
        """Count one judgement."""
        lang = judgement.lang if judgement.lang in LANGUAGES else OTHER
        band = str(judgement.urgency_band)
        self._classified(brand, lang, judgement.tone.value, band).inc()
        for axis, sure in judgement.confidence.items():
            self._confidence(axis).observe(sure)
