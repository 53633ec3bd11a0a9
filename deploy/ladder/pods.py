"""Which pods come of the rendered objects? The API server only warns of what makes pods.

A Deployment of pods that may not be is taken; the pods themselves are refused, by their namespace.
"""

from collections.abc import Iterable, Iterator
from typing import Any

Manifest = dict[str, Any]
Name = tuple[str, str, str]
"""Kind, namespace and name."""

_RESTRICTED = {
    f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")
}


def pods_of(objects: Iterable[Manifest]) -> Iterator[Manifest]:
    """A Pod as the template of each workload says it, named as the workload."""
    for one in objects:
        template = _template(one)
        if template:
            labels = template.get("metadata", {}).get("labels", {})
            yield {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": one["metadata"]["name"], "labels": labels},
                "spec": template["spec"],
            }


def placed(one: Manifest, namespace: str) -> Manifest:
    """The object in its own namespace, else in this one."""
    return {**one, "metadata": {"namespace": namespace, **one["metadata"]}}


def needed_before(objects: Iterable[Manifest], spaces: Iterable[str]) -> list[Manifest]:
    """The namespaces, restricted, and the priority classes that the objects take for granted."""
    found = list(objects)
    own = {one["metadata"]["namespace"] for one in found if "namespace" in one["metadata"]}
    priorities = {pod["spec"].get("priorityClassName") for pod in pods_of(found)} - {None}
    return [
        *(_object("v1", "Namespace", name, _RESTRICTED) for name in sorted(own | set(spaces))),
        *(
            _object("scheduling.k8s.io/v1", "PriorityClass", name, {}) | {"value": 1}
            for name in sorted(priorities)
        ),
    ]


def as_root() -> Manifest:
    """A pod that a restricted namespace must refuse, or a refusal of none would prove nothing."""
    bare = _object("v1", "Pod", "as-root", {})
    return bare | {"spec": {"containers": [{"name": "any", "image": "registry.example.com/any:1"}]}}


def many_as_root() -> Manifest:
    """A Deployment of such pods."""
    labels = {"app": "as-root"}
    pod = {"metadata": {"labels": labels}, "spec": as_root()["spec"]}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
    return _object("apps/v1", "Deployment", "as-root", {}) | {"spec": spec}


def name_of(one: Manifest, namespace: str) -> Name:
    """How the server names it; in this namespace if it names none."""
    return one["kind"], one["metadata"].get("namespace", namespace), one["metadata"]["name"]


def is_kept(one: Manifest) -> bool:
    """Must it stay when the release goes? What says so, and every topic: it holds data."""
    return one["kind"] == "KafkaTopic" or _annotation(one, "helm.sh/resource-policy") == "keep"


def is_hook(one: Manifest) -> bool:
    """Is it no part of the release, but made along the way?"""
    return _annotation(one, "helm.sh/hook") is not None


def _annotation(one: Manifest, name: str) -> str | None:
    found: str | None = (one["metadata"].get("annotations") or {}).get(name)
    return found


def _template(one: Manifest) -> Manifest | None:
    spec = one.get("spec") or {}
    if one["kind"] == "Pod":
        return {"metadata": one["metadata"], "spec": spec}
    inner = spec.get("jobTemplate", {}).get("spec", spec)
    template: Manifest | None = inner.get("template")
    return template if template and "containers" in template.get("spec", {}) else None


def _object(version: str, kind: str, name: str, labels: dict[str, str]) -> Manifest:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "labels": dict(labels)},
    }
