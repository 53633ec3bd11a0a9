"""What may a custom resource hold? Its CRD's schema, closed, as kubeconform wants it.

In a CRD an unknown field is dropped in silence; here it is refused, as `strict` does for the rest.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CRDS = Path(__file__).with_name("crds")
_OPEN = "x-kubernetes-preserve-unknown-fields"


def write(folder: Path, crds: Path = CRDS) -> int:
    """Write a file for each kind and version, by the names kubeconform asks for; their number."""
    folder.mkdir(parents=True, exist_ok=True)
    found = dict(_named(crds))
    for name, schema in found.items():
        (folder / name).write_text(json.dumps(schema), encoding="utf-8")
    return len(found)


def closed(schema: Any) -> Any:
    """The same, but an object takes only the fields that it names."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: closed(part) for key, part in schema.items()}
    is_object = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    if is_object and not schema.get(_OPEN):
        parts.setdefault("additionalProperties", False)
    return parts


def _named(crds: Path) -> Iterator[tuple[str, Any]]:
    for file in sorted(crds.glob("*.yaml")):
        spec = yaml.safe_load(file.read_text(encoding="utf-8"))["spec"]
        kind, group = spec["names"]["kind"].lower(), spec["group"].partition(".")[0]
        for version in spec["versions"]:
            schema = closed(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            schema["required"] = ["apiVersion", "kind", "metadata", "spec"]
            yield f"{kind}-{group}-{version['name']}.json", schema
