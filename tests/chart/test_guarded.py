"""Does every process come to a guarded broker as the user that its Secret names?

Three inputs that break the easy version: a password is in a file, never in the environment; a
user's name is in its Secret or follows from the installation; the authority has its own Secret.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream.broker import Security, broker_of
from tests.chart.node import Node
from tests.chart.rendering import Pod, Rendered, render
from tests.tls import a_ca

OTHERS = ("otklik-rules", "otklik-companies", "otklik-accounts")
"""What no setting asks for."""
URL = "postgresql://otklik:otklik@db/otklik"


@pytest.mark.parametrize(
    ("example", "named"),
    [("strimzi", "otklik-{}"), ("keda", "otklik-{}"), ("external-kafka", "KAFKA_USERNAME of {1}")],
)
def test_each_comes_as_its_own_user_with_its_own_password(
    example: str, named: str, tmp_path: Path
) -> None:
    found = render(example)
    users = found.values["kafka"]["existingSecretPerWorkload"]
    given = _secrets(found, a_ca(tmp_path)) | {name: {} for name in OTHERS}
    node = Node(found, given, tmp_path)
    speaking = [pod for pod in found.running if "KAFKA_BOOTSTRAP_SERVERS" in pod.env]
    for pod in speaking:
        service = pod.container["command"][-1].removeprefix("services.")
        security = _security(service, node.prepared(pod))
        assert (security.protocol, security.mechanism) == ("SASL_SSL", "SCRAM-SHA-512")
        assert security.username == named.format(service, users[service])
        assert security.password == f"KAFKA_PASSWORD of {users[service]}"
        assert security.tls()
    assert len(speaking) == 5


def _security(service: str, environment: dict[str, str]) -> Security:
    settings = importlib.import_module(f"services.{service}.settings").read(environment)
    return broker_of(settings).security


def _secrets(found: Rendered, authority: Path) -> dict[str, dict[str, str]]:
    """Every Secret that is mounted, with the keys that are asked for."""
    said = {"DATABASE_URL": URL, "KAFKA_CA": authority.read_text(), "ERASURE_KEY": "e" * 64}
    secrets: dict[str, dict[str, str]] = {}
    for pod in found.running:
        for secret, name, key in _asked(pod):
            value = said.get(name, f"{name} of {secret}")
            secrets.setdefault(secret, {})[key] = value
    return secrets


def _asked(pod: Pod) -> Iterator[tuple[str, str, str]]:
    """The Secret, the setting and the key of each variable that names a mounted file."""
    mounts = {one["mountPath"]: one["name"] for one in pod.container["volumeMounts"]}
    volumes = {one["name"]: one.get("secret", {}) for one in pod.spec["volumes"]}
    for name, value in pod.env.items():
        folder, _, key = str(value).rpartition("/")
        if folder in mounts and volumes[mounts[folder]]:
            yield volumes[mounts[folder]]["secretName"], name.removesuffix("_FILE"), key
