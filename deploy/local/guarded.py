"""How does a local Kafka refuse whoever it should? TLS, a password a user, and an authorizer.

Clients come to CLIENT with SASL_SSL and SCRAM-SHA-512, or to MTLS with a certificate. The other
listeners are the node's own, on loopback and in plain text: this is for tests, not for people.
"""

import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe

from deploy.local import kafka
from deploy.local.certificates import Authority, Store, authority
from deploy.local.node import HOST, Ports, Runtime, free_ports, render_properties, wait_until_ready
from deploy.local.process import Child, LaunchError, Lifetime, spawn, tail
from deploy.local.runtime import CLUSTER_ID, FORMAT_SECONDS
from stream.broker import Broker, Security
from stream.clock import parse_clock
from stream.settings import SaslMechanism

ADMIN = "admin"
MECHANISM: SaslMechanism = "SCRAM-SHA-512"
GUARD = {
    "listener.security.protocol.map": (
        "CLIENT:SASL_SSL,MTLS:SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT"
    ),
    "sasl.enabled.mechanisms": MECHANISM,
    f"listener.name.client.{MECHANISM.lower()}.sasl.jaas.config": (
        "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    ),
    "listener.name.mtls.ssl.client.auth": "required",
    # who comes with the certificate CN=ingest is the same user as who comes with its password
    "listener.name.mtls.ssl.principal.mapping.rules": "RULE:^CN=(.*?)$/$1/",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "false",
    # ANONYMOUS is the node itself on its plain listeners
    "super.users": f"User:{ADMIN};User:ANONYMOUS",
}


@dataclass
class Guarded:
    """A running broker that knows its users; passwords are in memory and in its folder alone."""

    folder: Path
    bootstrap: str
    mtls: str
    trusted: Authority
    passwords: dict[str, str] = field(repr=False)
    runtime: Runtime = field(repr=False)
    child: Child = field(repr=False)

    @property
    def ca_file(self) -> Path:
        """Whom clients trust."""
        return self.folder / "ca.pem"

    @property
    def store(self) -> Path:
        """The broker's own key and certificate."""
        return self.folder / "broker.pem"

    def of(self, user: str) -> Broker:
        """How that user reaches it."""
        security = Security(
            protocol="SASL_SSL",
            mechanism=MECHANISM,
            username=user,
            password=self.passwords[user],
            ca_file=str(self.ca_file),
        )
        return Broker(bootstrap=self.bootstrap, security=security)

    def environment(self, user: str) -> dict[str, str]:
        """The settings by which a process comes as that user, its password in a mounted file."""
        secret = self.folder / f"{user}.password"
        if not secret.exists():
            secret.write_text(self.passwords[user], encoding="utf-8")
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": MECHANISM,
            "KAFKA_USERNAME": user,
            "KAFKA_PASSWORD_FILE": str(secret),
            "KAFKA_CA_FILE": str(self.ca_file),
        }

    def by_certificate(self, user: str, signer: Authority | None = None) -> Broker:
        """How that user reaches it without a password."""
        mine = (signer or self.trusted).signed(user)
        key, chain = self.folder / f"{user}.key", self.folder / f"{user}.pem"
        key.write_text(mine.key)
        chain.write_text(mine.chain)
        security = Security(
            protocol="SSL",
            ca_file=str(self.ca_file),
            certificate_file=str(chain),
            key_file=str(key),
        )
        return Broker(bootstrap=self.mtls, security=security)

    def stop(self) -> None:
        """End the broker at once; its data is nobody's."""
        self.child.kill()


def start(
    cache: Path,
    folder: Path,
    users: Iterable[str],
    *,
    certificate: Callable[[Authority], Store] = lambda ours: ours.signed("broker"),
) -> Guarded:
    """Start an empty broker that knows these users and ``admin``, and ends with this process."""
    runtime = kafka.fetch(cache, lambda _: None)
    folder = folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    trusted = authority("otklik local", parse_clock("").real())
    (folder / "ca.pem").write_text(trusted.pem)
    (folder / "broker.pem").write_text(certificate(trusted).pem)
    passwords = {user: token_urlsafe(24) for user in (*users, ADMIN)}
    for attempt in range(kafka.ATTEMPTS):
        ports, more = free_ports(), free_ports()
        child = _started(runtime, folder / str(attempt), ports, _guard(folder, more), passwords)
        if child:
            mtls = f"{HOST}:{more.client}"
            return Guarded(folder, ports.bootstrap, mtls, trusted, passwords, runtime, child)
        said = tail(folder / str(attempt) / "broker.log")
        if kafka.PORT_TAKEN not in said:
            break
    raise LaunchError(f"the guarded Kafka did not start; the end of its log:\n{said}")


def _guard(folder: Path, more: Ports) -> Mapping[str, str]:
    """By listener, so that a new certificate can be put in place while the broker runs."""
    stores = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": folder / "broker.pem",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": folder / "ca.pem",
    }
    return {
        **GUARD,
        **dict.fromkeys(("listeners", "advertised.listeners"), f"MTLS://{HOST}:{more.client}"),
        **{
            f"listener.name.{listener}.{name}": str(value)
            for listener in ("client", "mtls")
            for name, value in stores.items()
        },
    }


def _started(
    runtime: Runtime,
    folder: Path,
    ports: Ports,
    guard: Mapping[str, str],
    passwords: Mapping[str, str],
) -> Child | None:
    folder.mkdir()
    settings = folder / "server.properties"
    settings.write_text(render_properties(ports, folder / "logs", guard))
    _format(runtime, settings, passwords)
    child = spawn(runtime.command("kafka.Kafka", str(settings)), folder / "broker.log", TIED)
    try:
        ready = wait_until_ready(child, f"{HOST}:{ports.internal}")
    except BaseException:  # Ctrl-C too must not leave a broker behind
        child.kill()
        raise
    if not ready:
        child.kill()
    return child if ready else None


def _format(runtime: Runtime, settings: Path, passwords: Mapping[str, str]) -> None:
    """Users are there before the broker is; through a file, since a command line is public."""
    arguments = ["format", "-t", CLUSTER_ID, "-c", str(settings)]
    for user, password in passwords.items():
        arguments += ["-S", f"{MECHANISM}=[name={user},password={password}]"]
    given = settings.with_name("format.arguments")
    given.write_text("\n".join(arguments))
    done = subprocess.run(
        runtime.command("kafka.tools.StorageTool", f"@{given}"),
        capture_output=True,
        text=True,
        timeout=FORMAT_SECONDS,
        check=False,
    )
    given.unlink()
    if done.returncode != 0:
        raise LaunchError(f"Kafka could not format its folder: {done.stderr}")


TIED = Lifetime.TIED
