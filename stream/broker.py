"""How is the broker reached? One address and one security for every client of a process."""

import ssl
from pathlib import Path
from typing import Any

import msgspec

from stream.settings import BadSettings, SaslMechanism, SecurityProtocol, StreamSettings


class Security(msgspec.Struct, frozen=True, kw_only=True):
    """How a connection is guarded and as whom it comes; says of itself no secret."""

    protocol: SecurityProtocol = "PLAINTEXT"
    mechanism: SaslMechanism = "SCRAM-SHA-512"
    username: str = ""
    password: str = ""
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""

    def __repr__(self) -> str:
        """Without the password, wherever this is printed or logged."""
        return f"Security({self.protocol}, {self.username or 'nobody'})"

    @property
    def sasl(self) -> bool:
        """Whether a user and a password are shown."""
        return self.protocol.startswith("SASL")

    def tls(self) -> ssl.SSLContext | None:
        """Whom the connection trusts, and by which certificate it comes; None in plain text."""
        if not self.protocol.endswith("SSL"):
            return None
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if self.certificate_file:
            context.load_cert_chain(self.certificate_file, self.key_file or None)
        return context


PLAINTEXT = Security()


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """Which cluster; ``bootstrap`` is host:port with commas between."""

    bootstrap: str
    security: Security = PLAINTEXT

    def arguments(self) -> dict[str, Any]:
        """What every client of aiokafka takes."""
        found: dict[str, Any] = {"bootstrap_servers": self.bootstrap}
        security = self.security
        if security != PLAINTEXT:
            found |= {"security_protocol": security.protocol, "ssl_context": security.tls()}
        if security.sasl:
            found |= {
                "sasl_mechanism": security.mechanism,
                "sasl_plain_username": security.username,
                "sasl_plain_password": security.password,
            }
        return found


def broker_of(settings: StreamSettings) -> Broker:
    """The cluster of an installation; raises ``BadSettings`` for what cannot guard it."""
    return Broker(bootstrap=settings.kafka_bootstrap_servers, security=security_of(settings))


def security_of(settings: StreamSettings) -> Security:
    """How this process comes to its broker; raises ``BadSettings``, which names no secret."""
    protocol = settings.kafka_security_protocol
    if protocol.startswith("SASL") and not (settings.kafka_username and settings.kafka_password):
        raise BadSettings(
            f"KAFKA_USERNAME, KAFKA_PASSWORD: expected both for KAFKA_SECURITY_PROTOCOL={protocol}"
        )
    if not protocol.startswith("SASL") and settings.kafka_username:
        raise BadSettings(
            "KAFKA_SECURITY_PROTOCOL: expected SASL_SSL or SASL_PLAINTEXT beside KAFKA_USERNAME, "
            f"got {protocol}"
        )
    found = Security(
        protocol=protocol,
        mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_username,
        password=settings.kafka_password,
        ca_file=_there("KAFKA_CA_FILE", settings.kafka_ca_file),
        certificate_file=_there("KAFKA_CERTIFICATE_FILE", settings.kafka_certificate_file),
        key_file=_there("KAFKA_KEY_FILE", settings.kafka_key_file),
    )
    try:
        found.tls()
    except (ssl.SSLError, OSError) as error:
        raise BadSettings(
            f"KAFKA_CA_FILE, KAFKA_CERTIFICATE_FILE, KAFKA_KEY_FILE: expected PEM: {error}"
        ) from error
    return found


def _there(name: str, file: str) -> str:
    if file and not Path(file).is_file():
        raise BadSettings(f"{name}: expected a file, there is no {file}")
    return file
