"""Do the settings and the command line of a node say what we promise?"""

from pathlib import Path

from deploy.local.archive import archive_options, without_archive
from deploy.local.node import Ports, Runtime, free_ports, new_data, render_properties

PORTS = Ports(client=1001, internal=1002, controller=1003)


def test_the_three_listeners_stay_on_loopback() -> None:
    settings = _settings()

    assert settings["listeners"] == (
        "CLIENT://127.0.0.1:1001,INTERNAL://127.0.0.1:1002,CONTROLLER://127.0.0.1:1003"
    )
    assert settings["advertised.listeners"] == "CLIENT://127.0.0.1:1001,INTERNAL://127.0.0.1:1002"
    assert settings["controller.quorum.voters"] == "1@127.0.0.1:1003"
    assert PORTS.bootstrap == "127.0.0.1:1001"


def test_topics_are_never_made_by_accident_and_carry_the_time_of_arrival() -> None:
    settings = _settings()

    assert settings["auto.create.topics.enable"] == "false"
    assert settings["log.message.timestamp.type"] == "LogAppendTime"
    assert settings["broker.session.timeout.ms"] == "6000"
    assert settings["offsets.topic.num.partitions"] == "4"
    assert settings["log.dirs"] == "/tmp/logs"  # noqa: S108 - a name, nothing is written there


def test_free_ports_differ_from_each_other() -> None:
    ports = free_ports()

    assert len({ports.client, ports.internal, ports.controller}) == 3


def test_the_options_of_the_runtime_come_before_the_class() -> None:
    runtime = Runtime(Path("java"), "a.jar:b.jar", options=("-XX:AOTCache=x",))

    command = runtime.command("kafka.Kafka", "server.properties")

    assert command[0] == "java"
    assert command.index("-XX:AOTCache=x") < command.index("kafka.Kafka")
    assert command[-4:] == ["-cp", "a.jar:b.jar", "kafka.Kafka", "server.properties"]


def test_leftovers_of_a_crashed_run_are_replaced_by_a_formatted_folder(tmp_path: Path) -> None:
    formatted = tmp_path / "formatted"
    formatted.mkdir()
    (formatted / "meta.properties").write_text("cluster.id=x\n")
    (tmp_path / "logs" / "old-topic-0").mkdir(parents=True)

    logs = new_data(Runtime(Path("java"), "a.jar", formatted=formatted), tmp_path)

    assert [entry.name for entry in logs.iterdir()] == ["meta.properties"]


def test_a_damaged_archive_is_thrown_away(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.touch()

    runtime = without_archive(Runtime(Path("java"), "a.jar", (f"-XX:AOTCache={archive}",)))

    assert runtime.options == ()
    assert not archive.exists()


def test_a_training_that_failed_is_not_repeated(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.touch()

    assert archive_options(Runtime(Path("no-java"), ""), archive, 25, print) == ()


def _settings() -> dict[str, str]:
    lines = render_properties(PORTS, Path("/tmp/logs")).splitlines()  # noqa: S108 - a name
    return dict(line.split("=", 1) for line in lines)
