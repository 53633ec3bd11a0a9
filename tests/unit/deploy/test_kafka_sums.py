"""Are only the jars we know let in?"""

import hashlib
from pathlib import Path

import pytest

from deploy.local.process import LaunchError
from deploy.local.sums import missing_jars, read_sums

GOOD = b"the jar as published"
SUMS = {
    "broker-1.jar": hashlib.sha256(GOOD).hexdigest(),
    "logging-2.jar": hashlib.sha256(b"another").hexdigest(),
}


def test_a_known_jar_is_accepted_and_an_absent_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "broker-1.jar").write_bytes(GOOD)

    missing = missing_jars(tmp_path, SUMS)

    assert missing == ["logging-2.jar"]


def test_a_tampered_jar_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "broker-1.jar").write_bytes(GOOD + b"!")

    with pytest.raises(LaunchError, match=r"broker-1\.jar is not the file we know"):
        missing_jars(tmp_path, SUMS)


def test_every_jar_is_missing_from_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert missing_jars(tmp_path / "libs", SUMS) == list(SUMS)


def test_the_committed_list_names_the_broker_and_its_logging() -> None:
    sums = read_sums()

    needed = {"kafka_2.13-4.3.1.jar", "kafka-clients-4.3.1.jar", "log4j-slf4j-impl-2.25.5.jar"}
    assert needed <= set(sums)
    assert all(len(digest) == 64 for digest in sums.values())
