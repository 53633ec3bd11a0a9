"""Which languages does a metric tell apart? Those that the judge knows; any other is one."""

LANGUAGES = frozenset({"ru", "bg", "en", "uk"})
OTHER = "other"


def told_apart(lang: str) -> str:
    """The language as a label of a metric."""
    return lang if lang in LANGUAGES else OTHER
