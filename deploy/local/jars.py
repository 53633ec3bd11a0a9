"""How do Kafka's jars get here? With Maven where the machine has it, else with jgo from PyPI.

Both routes end in the same files, those of jars.sha256.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

from deploy.local.java import Java
from deploy.local.process import LaunchError
from deploy.local.sums import missing_jars, read_sums
from deploy.local.tools import python_tool, refusal, run, trusting_environment

POM = Path(__file__).with_name("pom.xml")
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
# The `!` keeps jgo from importing log4j's dependency management, with which it silently takes
# kafka-clients 3.9.1: a broker that dies at class loading.
COORDINATES = "+".join(
    f"{coordinate}!"
    for coordinate in (
        "org.apache.kafka:kafka_2.13:4.3.1",
        "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5",
        "org.apache.logging.log4j:log4j-core:2.25.5",
        "org.apache.logging.log4j:log4j-api:2.25.5",
    )
)
JGO_OPTIONS = ["--resolver", "python", "--repo-cache", "m2", "--links", "copy", "--color", "plain"]
ROUTE_VARIABLE = "OTKLIK_KAFKA_ROUTE"


class Route(Enum):
    """What fetches the jars and, when forced, the Java."""

    MAVEN = "maven"
    PYTHON = "python"


def is_python_forced(env: Mapping[str, str]) -> bool:
    """Tell whether the machine's own Java and Maven are to be ignored."""
    wish = env.get(ROUTE_VARIABLE, "")
    if wish not in ("", Route.PYTHON.value):
        raise LaunchError(f"{ROUTE_VARIABLE} is empty or 'python', not {wish!r}")
    return bool(wish)


def route_of(env: Mapping[str, str]) -> Route:
    """Choose Maven when it is on PATH and nobody asked for the Python route."""
    if is_python_forced(env) or shutil.which("mvn", path=env.get("PATH", "")) is None:
        return Route.PYTHON
    return Route.MAVEN


def fetch_jars(
    cache: Path, java: Java, env: Mapping[str, str], say: Callable[[str], None]
) -> list[Path]:
    """Fill the cache's libs folder and return the verified jars in a fixed order."""
    sums, libs = read_sums(), cache / "libs"
    missing = missing_jars(libs, sums)
    if missing:
        route = route_of(env)
        say(f"fetching {len(missing)} of Kafka's {len(sums)} jars from Central ({route.value})")
        with tempfile.TemporaryDirectory(dir=cache, prefix="scratch-") as scratch:
            fetched = Path(scratch) / "libs"
            if route is Route.MAVEN:
                _with_maven(fetched, _maven_env(cache, java, env))
            else:
                _with_jgo(cache, Path(scratch), fetched)
            _adopt(fetched, libs, missing)
    return [libs / name for name in sorted(sums)]


def _maven_env(cache: Path, java: Java, env: Mapping[str, str]) -> Mapping[str, str]:
    if java.path.is_relative_to(cache):
        return {**env, "JAVA_HOME": str(java.path.parents[1])}
    return env  # a Java of the machine is found by Maven itself


def _with_maven(target: Path, env: Mapping[str, str]) -> None:
    command = ["mvn", "-q", "-B", "-f", str(POM), COPY, "-DincludeScope=runtime"]
    run(
        [*command, f"-DoutputDirectory={target}"],
        "Kafka's jars from Maven Central with mvn",
        env=env,
    )


def _with_jgo(cache: Path, scratch: Path, target: Path) -> None:
    python = python_tool(cache, "jgo")
    project = scratch / "jgo"
    project.mkdir()
    jgo = [str(python), "-m", "jgo", *JGO_OPTIONS]
    env = trusting_environment()
    run([*jgo, "init", COORDINATES], "the list of Kafka's jars with jgo", env=env, folder=project)
    run([*jgo, "sync"], "Kafka's jars from Maven Central with jgo", env=env, folder=project)
    target.mkdir()
    for jar in project.glob(".jgo/*/*.jar"):
        jar.replace(target / jar.name)


def _adopt(fetched: Path, libs: Path, names: list[str]) -> None:
    absent = missing_jars(fetched, {name: read_sums()[name] for name in names})
    if absent:
        raise LaunchError(refusal(", ".join(absent), "not among the downloaded jars"))
    libs.mkdir(exist_ok=True)
    for name in names:
        (fetched / name).replace(libs / name)
