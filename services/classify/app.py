"""How is classify put together? Wiring only: one stateless pump and the probes."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from schemas.posts import SocialPost
from schemas.topics import CLASSIFIED, POSTS, TOPICS, dead_letters, retry
from services.classify.api import api
from services.classify.domain.classify import whys_of
from services.classify.domain.reply_review import Reviewer
from services.classify.handlers import Classifying
from services.classify.metrics import Metrics
from services.classify.model_files import read_minds
from services.classify.second_opinion.choose import consulted
from services.classify.settings import Settings, read_lexicons
from stream.aiokafka_pump import AiokafkaPump
from stream.allowed import publishing
from stream.clock import parse_clock
from stream.flow import Flow
from stream.member import source_of
from stream.metrics import StreamMetrics
from stream.probes import Probes, probe_routes
from stream.process import Direct, Process
from stream.quarantine import Quarantine
from stream.service import http, run
from stream.settings import VERSION
from stream.trace import tracing


async def serve(settings: Settings) -> None:
    """Run classify until SIGTERM."""
    with tracing(settings, "classify"):
        await _run(settings)


async def _run(settings: Settings) -> None:
    registry, clock = CollectorRegistry(), parse_clock(settings.clock)
    shared = StreamMetrics(registry, "classify", VERSION, clock.real)
    probes = Probes(clock.monotonic)
    lexicons = read_lexicons(Path(settings.lexicons))
    minds = read_minds(Path(settings.model), lexicons)
    metrics = Metrics(registry)
    async with (
        consulted(settings, metrics, clock.monotonic) as consult,
        publishing(settings, shared, TOPICS) as publish,
    ):
        classifying = Classifying(
            judge=minds.judge,
            reviewer=Reviewer(minds.eye),
            whys=whys_of(lexicons),
            metrics=metrics,
            consult=consult,
        )
        effects = Direct(publish)
        process = Process(
            _flow(classifying),
            effects=effects,
            letters=dead_letters("classify"),
            metrics=shared,
            quarantine=Quarantine(settings.quarantine),
        )
        source = source_of(settings, "classify")
        pump = AiokafkaPump(process, effects, source=source, probes=probes, clock=clock)
        web = api(probe_routes(probes, registry))
        await run(pump.run, http(web, host=settings.host, port=settings.port))


def _flow(classifying: Classifying) -> Flow[None]:
    return Flow(
        name="classify",
        reads=(POSTS, retry("classify")),
        events=(SocialPost,),
        writes=(CLASSIFIED,),
        ticks_to=CLASSIFIED,
        handle=classifying.handle,
    )
