"""Which pumps are there? By the name that settings and benchmarks give them."""

from typing import Any

from stream.aiokafka_pump import AiokafkaPump
from stream.settings import PumpName


def pump_named(name: PumpName) -> type[AiokafkaPump[Any]]:
    """The pump; Faust, which takes long to import, is imported only where it runs."""
    if name == "aiokafka":
        return AiokafkaPump
    from stream.faust_pump import FaustPump

    return FaustPump
