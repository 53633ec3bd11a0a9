"""Which topics are there? The one table behind creation, ACLs, docs and AsyncAPI (design 2)."""

from schemas.alerts import AlertChanged
from schemas.classified import ClassifiedPost
from schemas.dead_letters import DeadLetter
from schemas.decisions import Decision
from schemas.erasures import AuthorErased
from schemas.event import Event, PipelineTick, Topic
from schemas.posts import SocialPost
from schemas.sla import SlaChanged
from schemas.tickets import TicketEvent

EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        SocialPost,
        PipelineTick,
        ClassifiedPost,
        Decision,
        TicketEvent,
        SlaChanged,
        AlertChanged,
        AuthorErased,
        DeadLetter,
    )
}
"""Every event type by its name on the wire; a raw payload has none."""

SERVICES = ("ingest", "classify", "route", "notify")

POSTS_RAW = Topic(
    name="posts.raw.v1",
    key="source:account:conversation",
    events=("payload as received, secrets stripped",),
    written_by="ingest",
    read_by=("operators",),
    kept_days=7,
    restricted=True,
)
POSTS = Topic(
    name="posts.v1",
    key="brand:conversation",
    events=("SocialPost", "PipelineTick"),
    written_by="ingest",
    read_by=("classify",),
    kept_days=7,
)
CLASSIFIED = Topic(
    name="classified.v1",
    key="brand:conversation",
    events=("ClassifiedPost", "PipelineTick"),
    written_by="classify",
    read_by=("route", "operators"),
    kept_days=7,
)
DECISIONS = Topic(
    name="decisions.v1",
    not_yet="what-if",
    key="post id",
    events=("Decision",),
    written_by="route",
    read_by=("notify", "whatif", "audit"),
    kept_days=90,
)
TICKETS = Topic(
    name="tickets.v1",
    key="ticket id",
    events=("TicketEvent", "PipelineTick"),
    written_by="route",
    read_by=("notify", "subscribers", "operators"),
    kept_days=7,
)
SLA = Topic(
    name="sla.v1",
    key="ticket id",
    events=("SlaChanged",),
    written_by="notify",
    read_by=("route", "subscribers", "operators"),
    kept_days=90,
)
ALERTS = Topic(
    name="alerts.v1",
    key="group key",
    events=("AlertChanged",),
    written_by="route",
    read_by=("subscribers", "operators"),
    kept_days=30,
)
ERASURES = Topic(
    name="erasures.v1",
    key="author hash",
    events=("AuthorErased",),
    written_by="ingest",
    read_by=("route", "subscribers", "operators"),
    kept_days=90,
)


def dead_letters(service: str) -> Topic:
    """Where a service keeps what it cannot understand."""
    return Topic(
        name=f"{service}.dead-letters.v1",
        key="original key",
        events=("DeadLetter",),
        written_by=service,
        read_by=("operators",),
        kept_days=7,
    )


def retry(service: str) -> Topic:
    """Where operators put back what a service may try again."""
    return Topic(
        name=f"{service}.retry.v1",
        key="original key",
        events=("the original record",),
        written_by="operators",
        read_by=(service,),
        kept_days=7,
        not_yet="ingest: send the request again" if service == "ingest" else "",
    )


TOPICS: tuple[Topic, ...] = (
    POSTS_RAW,
    POSTS,
    CLASSIFIED,
    DECISIONS,
    TICKETS,
    SLA,
    ALERTS,
    ERASURES,
    *(dead_letters(service) for service in SERVICES),
    *(retry(service) for service in SERVICES),
)
