"""Which pods come of rendered objects? The inputs: a Job, a CronJob, a thing that makes no pod."""

from typing import Any

import pytest

from deploy.ladder.pods import is_hook, is_kept, name_of, needed_before, placed, pods_of

SPEC = {"containers": [{"name": "one"}], "priorityClassName": "first"}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": SPEC}


def _one(kind: str, spec: dict[str, Any] | None, **metadata: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "x", **metadata}, "spec": spec}


@pytest.mark.parametrize(
    "one",
    [
        _one("Deployment", {"template": TEMPLATE}),
        _one("Job", {"template": TEMPLATE}),
        _one("CronJob", {"jobTemplate": {"spec": {"template": TEMPLATE}}}),
        _one("Pod", SPEC, labels={"a": "b"}),
    ],
    ids=lambda one: one["kind"],
)
def test_a_workload_gives_its_pod(one: dict[str, Any]) -> None:
    (pod,) = pods_of([one])

    assert (pod["kind"], pod["metadata"]["name"], pod["spec"]) == ("Pod", "x", SPEC)
    assert pod["metadata"]["labels"] == {"a": "b"}


@pytest.mark.parametrize(
    "one", [_one("ConfigMap", None), _one("Certificate", {"template": {"spec": {}}})]
)
def test_what_makes_no_pod_gives_none(one: dict[str, Any]) -> None:
    assert list(pods_of([one])) == []


def test_namespaces_and_priorities_are_there_before_the_objects() -> None:
    objects = [_one("Pod", SPEC), _one("KafkaTopic", {}, namespace="kafka")]

    made = needed_before(objects, ["otklik"])

    assert [(one["kind"], one["metadata"]["name"]) for one in made] == [
        ("Namespace", "kafka"),
        ("Namespace", "otklik"),
        ("PriorityClass", "first"),
    ]
    assert made[1]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_an_object_stays_in_the_namespace_that_it_names() -> None:
    elsewhere, anywhere = _one("KafkaTopic", {}, namespace="kafka"), _one("Pod", SPEC)

    assert placed(elsewhere, "otklik")["metadata"]["namespace"] == "kafka"
    assert placed(anywhere, "otklik")["metadata"]["namespace"] == "otklik"
    assert name_of(anywhere, "otklik") == ("Pod", "otklik", "x")


def test_what_outlives_a_release_and_what_is_none_of_it() -> None:
    kept = _one("ConfigMap", {}, annotations={"helm.sh/resource-policy": "keep"})
    hook = _one("Job", {}, annotations={"helm.sh/hook": "pre-install"})

    assert (is_kept(kept), is_hook(kept)) == (True, False)
    assert (is_kept(hook), is_hook(hook)) == (False, True)
    assert is_kept(_one("KafkaTopic", {}))
    assert not is_kept(_one("Pod", SPEC))
