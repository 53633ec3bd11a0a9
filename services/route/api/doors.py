"""Which providers may call back, by which secrets? One bot or app calls once for its channels."""

from collections.abc import Mapping

from services.route.domain.callbacks import Door, Provider
from stream.settings import BadSettings

_PROVIDERS = {
    "telegram": Provider.telegram,
    "slack": Provider.slack,
    "slack-bot": Provider.slack,
    "mattermost": Provider.mattermost,
    "pagerduty": Provider.pagerduty,
}


def doors(targets: Mapping[str, str], secrets: Mapping[str, tuple[str, ...]]) -> Mapping[str, Door]:
    """The door of each channel that has secrets; raises ``BadSettings`` where none can be."""
    found = {name: _provider(name, targets.get(name, "")) for name in secrets}
    return {
        name: Door(
            provider=provider,
            secrets=secrets[name],
            channels={
                other: _chat(targets[other])
                for other in found
                if found[other] is provider and secrets[other] == secrets[name]
            },
        )
        for name, provider in found.items()
        if secrets[name]
    }


def _provider(name: str, target: str) -> Provider:
    provider = _PROVIDERS.get(target.partition(":")[0])
    if provider is None:
        of = ", ".join(_PROVIDERS)
        raise BadSettings(f"CALLBACK_SECRETS.{name}: expected a channel of CHANNELS by {of}")
    return provider


def _chat(target: str) -> str:
    """The chat that a Telegram bot writes to, as its presses name it; of any other none."""
    scheme, _, rest = target.partition(":")
    if scheme != "telegram":
        return ""
    return rest.partition("@")[0].rpartition("/")[2]
