"""The fuzzer runs, counts, and finds nothing in the platforms that anybody may reach first."""

import pytest

from tests.fuzz.__main__ import fuzzed

SECONDS = 2


@pytest.mark.parametrize("source", ["generic", "telegram"])
def test_no_bytes_make_a_platform_raise(source: str) -> None:
    runs, escaped = fuzzed(source, SECONDS)

    assert escaped == ""
    assert runs > 1000
