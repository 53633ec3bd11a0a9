# Three inputs that break the easy version:
# 1. the same text with another link, tag and case: a campaign varies just these;
# 2. a text of one letter, and one of none;
# 3. 64 KiB: a counter that runs over would flip bits.
"""Do near texts have near fingerprints?"""

from hypothesis import given
from hypothesis import strategies as st

from services.classify.domain.fingerprint import distance, fingerprint

ORDERED = "Никогда не ходите в Искра банк, обманывают людей, потеряла там все деньги"


def near(one: str, other: str) -> int:
    """In how many bits the fingerprints of two texts differ."""
    first, second = fingerprint(one), fingerprint(other)
    assert first is not None
    assert second is not None
    return distance(first, second)


def test_links_tags_and_case_do_not_count() -> None:
    assert near(ORDERED, f"@iskra {ORDERED.upper()}!!! https://t.example/abc") == 0


def test_a_changed_word_is_near_and_another_text_is_far() -> None:
    assert near(ORDERED, ORDERED.replace("людей", "клиентов")) <= 16
    assert near(ORDERED, "Какие документы нужны, чтобы открыть вклад для ребёнка?") >= 20


@given(st.text(max_size=200))
def test_a_fingerprint_is_16_digits_or_none(text: str) -> None:
    found = fingerprint(text)

    assert found is None or (len(found) == 16 and int(found, 16) >= 0)
    assert found == fingerprint(text)


def test_nothing_to_compare_has_no_fingerprint() -> None:
    assert fingerprint("...!?") is None
    assert fingerprint("a") is not None


def test_a_long_text_has_the_fingerprint_of_its_repetition() -> None:
    assert near(ORDERED * 20, ORDERED * 800) <= 2
