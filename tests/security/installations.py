"""Where are an installation's topics, as a user of the guarded broker reaches them?"""

from deploy.local.guarded import ADMIN, Guarded
from stream.broker import Broker
from stream.topic_admin import Cluster
from tests.conftest import PARTITIONS


def installed(
    broker: Guarded, prefix: str, user: str = ADMIN, *, reached: Broker | None = None
) -> Cluster:
    """An installation on that broker, as a user or by a way of its own."""
    reached = reached or broker.of(user)
    return Cluster(
        bootstrap=reached.bootstrap,
        security=reached.security,
        prefix=prefix,
        partitions=PARTITIONS,
    )
