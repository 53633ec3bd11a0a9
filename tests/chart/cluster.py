"""A cluster that knows one ConfigMap: what Helm's `lookup` asks, no more."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_NAME = "otklik-installation"
_RESOURCE = {"name": "configmaps", "kind": "ConfigMap", "namespaced": True, "verbs": ["get"]}
_ASKED: Mapping[str, object] = {
    "/version": {"major": "1", "minor": "35", "gitVersion": "v1.35.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [_RESOURCE]},
}


@contextmanager
def installed(data: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Helm's arguments to ask a cluster where this was installed before."""
    live = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": _NAME}, "data": data}
    answers = {**_ASKED, f"/api/v1/namespaces/otklik/configmaps/{_NAME}": live}

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path.partition("?")[0])
            body = json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    Thread(target=server.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{server.server_port}"
    try:
        yield ("--dry-run=server", "--disable-openapi-validation", "--kube-apiserver", at)
    finally:
        server.shutdown()
        server.server_close()
