"""What is configured here? Accounts and their doors, limits, budgets, the broker."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from services.ingest.api import Clock, Door, Limits
from services.ingest.data_deletion import SOURCE
from services.ingest.domain.brands import Accounts, BadBrands, pages_of, read_brands
from services.ingest.domain.breaker import Breaker
from services.ingest.domain.drill import Scenarios
from services.ingest.domain.inflate import BODY_BYTES
from services.ingest.domain.receipt import Keys
from services.ingest.handlers import Keeping
from services.ingest.metrics import Metrics
from services.ingest.platforms.table import LARGE_BODIES
from services.ingest.plugins import platforms
from services.ingest.pollers.sources import polled_of
from services.ingest.settings import Settings, keys_of
from services.ingest.spool import Spool
from services.ingest.spooling import Lane
from stream.metrics import StreamMetrics
from stream.probes import Probes
from stream.settings import VERSION, BadSettings

Doors = Mapping[tuple[str, str], Door]
_DRILLS = Path(__file__).parent / "drills.yaml"


class Measures:
    """What one process measures and reports."""

    def __init__(self, clock: Clock) -> None:
        self.registry = CollectorRegistry()
        self.shared = StreamMetrics(self.registry, "ingest", VERSION, clock.real)
        self.metrics = Metrics(self.registry)
        self.probes = Probes(clock.monotonic)
        self.breaker = Breaker()


class Installation(msgspec.Struct, frozen=True, kw_only=True):
    """What is configured: accounts, those with an open door, those that are polled."""

    settings: Settings
    environment: Mapping[str, str]
    accounts: Accounts
    doors: Doors
    polled: Accounts


def installed(settings: Settings, environment: Mapping[str, str]) -> Installation:
    """What is configured; raises ``BadSettings``."""
    accounts = accounts_of(settings)
    return Installation(
        settings=settings,
        environment=environment,
        accounts=accounts,
        doors=doors_of(accounts, environment),
        polled=polled_of(accounts, environment),
    )


def scenarios() -> Scenarios:
    """The crises that can be drilled."""
    return msgspec.yaml.decode(_DRILLS.read_bytes(), type=dict[str, dict[str, tuple[str, ...]]])


def limits_of(settings: Settings) -> Limits:
    """How much this installation takes in hand."""
    return Limits(
        in_flight=settings.in_flight,
        in_flight_bytes=settings.in_flight_bytes,
        source_rate=settings.source_rate,
        source_burst=settings.source_burst,
    )


def accounts_of(settings: Settings) -> Accounts:
    """The configured accounts; raises ``BadSettings`` with the place of what is wrong."""
    try:
        return read_brands(Path(settings.brands).read_text(encoding="utf-8"), platforms())
    except (OSError, UnicodeDecodeError, BadBrands) as error:
        raise BadSettings(f"BRANDS {settings.brands}: {error}") from error


def doors_of(accounts: Accounts, environment: Mapping[str, str]) -> Doors:
    """The accounts that may be written to; one without a secret is disabled, never unchecked."""
    keys = {where: keys_of(account, environment) for where, account in accounts.items()}
    known = platforms()
    return {
        where: Door(
            platform=known[account.source],
            account=account,
            keys=keys[where],
            pages=pages_of(account, accounts.values()),
            body_bytes=LARGE_BODIES.get(account.source, BODY_BYTES),
        )
        for where, account in accounts.items()
        if keys[where].secrets and not account.poll
    }


def lanes_of(here: Installation) -> Mapping[tuple[str, str], Lane]:
    """The accounts that asked for a spool, each with its own file."""
    folder = Path(here.settings.spool)
    return {
        (source, name): Lane(
            account=door.account,
            platform=door.platform,
            spool=Spool(folder / f"{source}-{name}.spool"),
        )
        for (source, name), door in here.doors.items()
        if door.account.spool
    }


def deletion_keys(doors: Doors) -> Mapping[str, Keys]:
    """What proves that a deletion was asked for by Meta, by account."""
    return {name: door.keys for (source, name), door in doors.items() if source == SOURCE}


def keeping_of(settings: Settings) -> Keeping:
    """How this installation keeps events."""
    return Keeping(
        partitions=settings.partitions,
        ack_seconds=settings.ack_seconds,
        version=VERSION,
        broker_errors=(KafkaError, OSError),
    )
