"""docs/capacity.md is reckoned right: a row by hand, the chart's requests, and what it names.

The inputs that break the easy version: a topic whose retention changed, a workload that was never
measured, a process that would be needed nought times.
"""

from pathlib import Path

import pytest
import yaml

from docs.capacity import DAY, Figures, lines, need, read
from schemas.topics import TOPICS

VALUES = yaml.safe_load(Path("deploy/helm/otklik/values.yaml").read_text(encoding="utf-8"))
WORKLOADS = yaml.safe_load(
    Path("deploy/helm/otklik/files/workloads.yaml").read_text(encoding="utf-8")
)
MIB = {name: one["resources"]["requests"]["memory"] for name, one in VALUES["workloads"].items()}


@pytest.fixture(scope="module")
def figures() -> Figures:
    return read()


def test_the_row_of_a_thousand_posts_a_second_by_hand(figures: Figures) -> None:
    cost = {name: one.median for name, one in figures.cpu_us_batched.items()}
    size, stores = figures.topic_bytes, figures.stores

    found = need(figures, 1000)

    # a thousand times so many microseconds are so many thousandths of a core, of which 60 % count
    assert found.cores == pytest.approx(sum(cost.values()) / 1000 / 0.6, abs=0.2)
    assert found.processes["classify"] == -(-cost["classify"] // 600)
    assert found.partitions == max(12, -(-(4 * found.processes["classify"]) // 12) * 12)
    week = size["posts.raw.v1"] + size["posts.v1"] + size["classified.v1"] + 4 * size["tickets.v1"]
    a_post = 7 * week + 90 * size["decisions.v1"]
    assert found.topics_gb == pytest.approx(86.4e6 * 3 * a_post / 1e9)
    rows = sum(stores[name].bytes for name in ("ingest", "route", "notify", "notify's posts"))
    assert found.store_gb_a_day == pytest.approx(86.4e6 * rows / 1e9)
    assert DAY * 1000 == 86.4e6


def test_twice_the_posts_need_twice_the_storage_and_never_fewer_processes(figures: Figures) -> None:
    for rate in (1, 40, 200, 1000, 50_000):
        once, twice = need(figures, rate), need(figures, 2 * rate)
        assert twice.topics_gb == pytest.approx(2 * once.topics_gb)
        assert twice.store_gb_a_day == pytest.approx(2 * once.store_gb_a_day)
        assert all(twice.processes[name] >= count >= 1 for name, count in once.processes.items())


def test_every_workload_was_measured_and_every_topic_that_a_post_lies_on(figures: Figures) -> None:
    for measured in (figures.memory_mib, figures.cpu_us_singly, figures.cpu_us_batched):
        assert measured.keys() == WORKLOADS.keys()
    assert figures.idle_cores.keys() == WORKLOADS.keys()
    assert figures.topic_bytes.keys() <= {topic.name for topic in TOPICS}


@pytest.mark.parametrize("name", MIB)
def test_the_chart_requests_twice_the_memory_that_was_measured(figures: Figures, name: str) -> None:
    requested = int(MIB[name].removesuffix("Mi"))

    assert 2 * max(figures.memory_mib[name]) <= requested <= 5 * max(figures.memory_mib[name])


def test_each_size_says_what_breaks_and_none_is_missing(figures: Figures) -> None:
    page = "\n".join(lines())

    assert [step.per_second for step in figures.steps] == [1, 50, 1000, 100_000]
    for step in figures.steps:
        assert all(one.what in page and one.then in page for one in step.breaks)
