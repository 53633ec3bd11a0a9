"""How does a broker start in one second? From an archive of its loaded classes.

One training run writes it. The JVM itself ignores an archive of another Java or other jars.
"""

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from deploy.local.node import Runtime, free_ports, new_data, render_properties, wait_until_ready
from deploy.local.process import Lifetime, spawn

TRAINING_SECONDS = 60.0
AOT_SINCE = 25


def archive_options(
    runtime: Runtime, target: Path, release: int, say: Callable[[str], None]
) -> tuple[str, ...]:
    """Return the JVM options that use the archive, after making it on first use."""
    if not target.exists():
        say("training a class archive, once, for quick starts")
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="scratch-") as scratch:
            made = Path(scratch) / "archive"
            option = "AOTCacheOutput" if release >= AOT_SINCE else "ArchiveClassesAtExit"
            _train(runtime, Path(scratch), f"-XX:{option}={made}")
            made.touch()  # an empty archive says: tried, did not work, do not try again
            made.replace(target)
    if target.stat().st_size == 0:
        return ()
    option = "AOTCache" if release >= AOT_SINCE else "SharedArchiveFile"
    return (f"-XX:{option}={target}",)


def without_archive(runtime: Runtime) -> Runtime:
    """Throw the archive away: a damaged one (a full disk) crashes the JVM."""
    for option in runtime.options:
        Path(option.partition("=")[2]).unlink(missing_ok=True)
    return replace(runtime, options=())


def _train(runtime: Runtime, folder: Path, option: str) -> None:
    ports, settings = free_ports(), folder / "server.properties"
    settings.write_text(render_properties(ports, new_data(runtime, folder)))
    command = runtime.command("kafka.Kafka", str(settings), options=[option])
    broker = spawn(command, folder / "broker.log", Lifetime.TIED)
    try:
        wait_until_ready(broker, ports.bootstrap)
        broker.terminate()
        broker.process.wait(TRAINING_SECONDS)  # the archive is written on the way out
    except subprocess.TimeoutExpired:
        pass  # a start without an archive works too, it is only slower
    finally:
        broker.stop()
