"""A guarded connection is guarded as a whole, says no secret, and a half of it is refused at once.

The inputs that break the easy version: a password in a mounted file with a line's end behind it; a
user without SASL, who would come as nobody; a trust file that is not there or is no PEM.
"""

import ssl
from pathlib import Path

import pytest

from stream.broker import Broker, broker_of
from stream.settings import BadSettings, Mounted, StreamSettings, load
from tests.tls import a_ca

SECRET = "не-для-логов-1"


def settings(**environment: str) -> StreamSettings:
    return load(StreamSettings, environment)


def test_in_plain_text_nothing_but_the_address_is_given() -> None:
    found = broker_of(settings(KAFKA_BOOTSTRAP_SERVERS="b:1"))

    assert found.arguments() == {"bootstrap_servers": "b:1"}


def test_a_password_may_be_a_mounted_file(tmp_path: Path) -> None:
    file, ca = tmp_path / "password", a_ca(tmp_path)
    file.write_text(f"{SECRET}\n", encoding="utf-8")

    found = broker_of(
        settings(
            KAFKA_BOOTSTRAP_SERVERS="b:1",
            KAFKA_SECURITY_PROTOCOL="SASL_SSL",
            KAFKA_USERNAME="route",
            KAFKA_PASSWORD_FILE=str(file),
            KAFKA_CA_FILE=str(ca),
        )
    ).arguments()

    context = found.pop("ssl_context")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert found == {
        "bootstrap_servers": "b:1",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "route",
        "sasl_plain_password": SECRET,
    }


def test_no_secret_is_said(tmp_path: Path) -> None:
    guarded = {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_USERNAME": "route"}

    found = broker_of(settings(**guarded, KAFKA_PASSWORD=SECRET))

    assert SECRET not in f"{found!r} {found} {Broker(bootstrap='b', security=found.security)}"
    assert "route" in repr(found)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "KAFKA_USERNAME, KAFKA_PASSWORD: expected both"),
        ({"KAFKA_USERNAME": "route", "KAFKA_PASSWORD": SECRET}, "KAFKA_SECURITY_PROTOCOL: expect"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_CA_FILE": "/none"}, "KAFKA_CA_FILE: expected"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_CA_FILE": __file__}, "expected PEM"),
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL"),
    ],
)
def test_a_half_is_refused_at_once(given: dict[str, str], why: str) -> None:
    with pytest.raises(BadSettings, match=why) as refused:
        broker_of(settings(**given))

    assert SECRET not in str(refused.value)


def test_a_variable_goes_before_its_file_and_a_lost_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.write_text("from the file", encoding="utf-8")
    both = Mounted({"A": "itself", "A_FILE": str(file), "B_FILE": str(file), "C_FILE": "/none"})

    assert (both["A"], both["B"]) == ("itself", "from the file")
    assert "B" in both
    assert "D" not in both
    with pytest.raises(BadSettings, match="C_FILE: expected a text file"):
        both["C"]
