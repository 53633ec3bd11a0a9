"""Every example is rendered once."""

import pytest

from tests.chart.rendering import EXAMPLES, Rendered, render

NAMES = sorted(path.stem.removeprefix("values-") for path in EXAMPLES.glob("values-*.yaml"))


@pytest.fixture(scope="session", params=NAMES)
def rendered(request: pytest.FixtureRequest) -> Rendered:
    """Each example in turn."""
    return render(request.param)


@pytest.fixture(scope="session")
def strimzi() -> Rendered:
    """The example with topics, users, screens and rules."""
    return render("strimzi")


@pytest.fixture(scope="session")
def keda() -> Rendered:
    """The example that scales by lag."""
    return render("keda")
