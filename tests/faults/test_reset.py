"""The network between a service and its broker is cut again and again, by TCP resets.

The inputs that break the easy version: a reset between a publish and its ack; one in the middle of
a commit; a client that comes back to find its connection cut again.
"""

from tests.faults.proxy import HOST, proxied
from tests.faults.servers import Broker
from tests.faults.story import Story

BURST = 3000


async def test_reset_connections_cost_no_effect(stateful: Story, broker: Broker) -> None:
    async with proxied(port=broker.proxy, target=broker.behind) as proxy:
        member = stateful.start(KAFKA_BOOTSTRAP_SERVERS=f"{HOST}:{broker.proxy}")
        cut = 0
        for _ in range(8):
            await stateful.load(BURST)
            await stateful.flows()
            cut += proxy.reset()
            await stateful.goes_on()

        await stateful.holds()
        assert cut >= 8
        assert member.child.is_running()
