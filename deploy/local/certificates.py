"""How does a local broker get a certificate? From an authority made for one run, as PEM."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.x509.oid import NameOID

LIFE = timedelta(days=2)
"""A certificate of a run need not outlive it."""


@dataclass(frozen=True)
class Store:
    """A key and the certificates that vouch for it, each as PEM."""

    key: str = field(repr=False)
    chain: str

    @property
    def pem(self) -> str:
        """Both in one file, as a broker wants them."""
        return self.key + self.chain


@dataclass(frozen=True)
class Authority:
    """Who signs the certificates of one run; its key stays in memory."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey = field(repr=False)
    now: datetime

    @property
    def pem(self) -> str:
        """What clients trust."""
        return _pem(self.certificate)

    def signed(self, name: str, *, until: datetime | None = None) -> Store:
        """A certificate for loopback under that name; ``until`` may lie behind us."""
        key, ends = generate_private_key(SECP256R1()), until or self.now + LIFE
        here = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
        made = (
            _begun(name, key, ends - 2 * LIFE, ends)
            .issuer_name(self.certificate.subject)
            .add_extension(x509.SubjectAlternativeName(here), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_of_issuer(self.key), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        plain = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,  # the only form that Kafka reads
            serialization.NoEncryption(),
        )
        return Store(key=plain.decode(), chain=_pem(made) + self.pem)


def authority(name: str, now: datetime) -> Authority:
    """A new one, which nobody trusts yet."""
    key = generate_private_key(SECP256R1())
    certificate = (
        _begun(name, key, now - LIFE, now + LIFE)
        .issuer_name(_named(name))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_SIGNS, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key, now)


def _begun(
    name: str, key: EllipticCurvePrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _of_issuer(key: EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


_SIGNS = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    crl_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)
