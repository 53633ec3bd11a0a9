"""How does a real Kubernetes API server get here? Built once, and started with etcd on loopback.

No kubelet, no scheduler: objects are taken or refused and kept, and nothing of them runs.
"""

import hashlib
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.ladder import tools
from deploy.local import debian_tools, go_tools
from deploy.local.node import HOST, free_ports
from deploy.local.process import POLL_SECONDS, Child, LaunchError, Lifetime, spawn, tail
from deploy.local.runtime import MACHINE, TOOLS, locked
from deploy.local.tools import run

VERSION = "1.35.8"
MODULE = Path(__file__).with_name("apiserver")
READY_SECONDS = 60.0
TOKEN = "loopback"  # noqa: S105 - of a server that lives for a minute and holds nothing
_STAMPED = "k8s.io/component-base/version.git"


def kube_apiserver() -> Path:
    """The program, built on first use from the pinned module; minutes, once."""
    program, made = TOOLS / "bin/kube-apiserver", TOOLS / "kube-apiserver.module"
    program.parent.mkdir(parents=True, exist_ok=True)
    pin = _pin()
    with locked(TOOLS / "lock", lambda _: None):
        if not (program.exists() and made.exists() and made.read_text(encoding="utf-8") == pin):
            print(f"building kube-apiserver {VERSION} (about 4 minutes, once)", flush=True)
            _build(program)
            made.write_text(pin, encoding="utf-8")
    return program


def etcd() -> Path:
    """Debian's: a version that the API server takes."""
    found = debian_tools.fetch("etcd-server", "etcd")
    if found is None:
        raise LaunchError("expected etcd on PATH: install etcd-server")
    return found


@contextmanager
def running(folder: Path) -> Iterator[Path]:
    """A server that is ready; gives the kubeconfig of somebody who may do everything."""
    store, server = etcd(), kube_apiserver()
    ports = free_ports()
    with ExitStack() as held:
        held.callback(_etcd(store, folder, ports.client, ports.internal).stop)
        api = _apiserver(server, folder, ports.client, ports.controller)
        held.callback(api.stop)
        config = _kubeconfig(folder, ports.controller)
        _wait(api, config, folder)
        yield config


def _build(program: Path) -> None:
    otherwise = f"build {MODULE} with Go and put it into {program}"
    go = go_tools.go_for(TOOLS, otherwise)
    major, minor, _ = VERSION.split(".")
    said = {"Version": f"v{VERSION}", "Major": major, "Minor": minor}
    stamps = " ".join(f"-X {_STAMPED}{name}={value}" for name, value in said.items())
    build = ["build", "-mod=readonly", "-p", "2", "-o", str(program), "-ldflags", f"-s -w {stamps}"]
    env = {**MACHINE, "CGO_ENABLED": "0", "GOFLAGS": ""}
    what = f"kube-apiserver {VERSION} with go"
    run(["nice", str(go), *build, "."], what, env=env, folder=MODULE, otherwise=otherwise)


def _pin() -> str:
    """Changes with any line that the program is built from."""
    files = [MODULE / name for name in ("go.mod", "go.sum", "main.go")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _etcd(program: Path, folder: Path, client: int, peer: int) -> Child:
    """Without fsync: what it holds is gone in a minute anyway."""
    us, peers = f"http://{HOST}:{client}", f"http://{HOST}:{peer}"
    options = {
        "name": "one",
        "data-dir": folder / "etcd",
        "listen-client-urls": us,
        "advertise-client-urls": us,
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "initial-cluster": f"one={peers}",
    }
    command = [str(program), "--unsafe-no-fsync", *(f"--{k}={v}" for k, v in options.items())]
    return spawn(command, folder / "etcd.log", Lifetime.TIED)


def _apiserver(program: Path, folder: Path, store: int, port: int) -> Child:
    tokens, key = folder / "tokens.csv", folder / "accounts.pem"
    tokens.write_text(f'{TOKEN},admin,1,"system:masters"\n', encoding="utf-8")
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    options = {
        "etcd-servers": f"http://{HOST}:{store}",
        "secure-port": port,
        "bind-address": HOST,
        "cert-dir": folder / "certificates",
        "token-auth-file": tokens,
        "authorization-mode": "RBAC",
        "service-account-issuer": "https://localhost",
        "service-account-key-file": key,
        "service-account-signing-key-file": key,
        # without a controller nobody makes the accounts that this plugin waits for
        "disable-admission-plugins": "ServiceAccount",
        "service-cluster-ip-range": "10.0.0.0/24",
    }
    command = [str(program), *(f"--{name}={value}" for name, value in options.items())]
    return spawn(command, folder / "apiserver.log", Lifetime.TIED)


def _kubeconfig(folder: Path, port: int) -> Path:
    """Its certificate is made at each start, so nobody checks it; it is on loopback."""
    cluster = {"server": f"https://{HOST}:{port}", "insecure-skip-tls-verify": True}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "here", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": TOKEN}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "admin"}}],
    }
    file = folder / "kubeconfig.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    file.chmod(0o600)
    return file


def _wait(server: Child, config: Path, folder: Path) -> None:
    ask = [str(tools.kubectl()), f"--kubeconfig={config}", "get", "--raw", "/readyz"]
    deadline = time.monotonic() + READY_SECONDS
    while server.is_running() and time.monotonic() < deadline:
        if subprocess.run(ask, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(POLL_SECONDS)  # a process starts in its own time
    log = folder / "apiserver.log"
    raise LaunchError(f"the API server did not become ready; the end of {log}:\n{tail(log)}")
