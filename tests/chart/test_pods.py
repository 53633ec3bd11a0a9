"""Is every pod as restricted, as probed and as well-mannered as promised?

Three inputs that break the easy version: a Job and the test pod are pods too; a container's own
context overrides its pod's; a Secret's key may be mounted under another name.
"""

from collections import Counter

import pytest
from httpx import ASGITransport, AsyncClient
from prometheus_client import CollectorRegistry

from stream.probes import Probes, probe_app
from tests.chart.rendering import Object, Rendered, render

CONSUMERS = {"classify", "route-posts", "notify-clocks"}
CALLED = {"ingest-web", "route-api", "notify-web"}


def test_every_pod_keeps_to_the_restricted_profile(rendered: Rendered) -> None:
    for pod in rendered.pods:
        own, whole = pod.container["securityContext"], pod.spec["securityContext"]
        assert own["allowPrivilegeEscalation"] is False, pod.name
        assert own["readOnlyRootFilesystem"] is True, pod.name
        assert own["capabilities"] == {"drop": ["ALL"]}, pod.name
        for context in (own, whole):
            assert context["runAsNonRoot"] is True, pod.name
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}, pod.name
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & pod.spec.keys()
        assert not any("hostPort" in port for port in pod.container.get("ports", ()))


def test_volumes_are_of_the_restricted_kinds_and_all_are_mounted(rendered: Rendered) -> None:
    for pod in rendered.pods:
        kinds = {kind for one in pod.spec["volumes"] for kind in one.keys() - {"name"}}
        assert kinds <= {"emptyDir", "secret", "configMap", "persistentVolumeClaim"}
        mounted = [one["name"] for one in pod.container["volumeMounts"]]
        assert Counter(mounted) == Counter(one["name"] for one in pod.spec["volumes"]), pod.name


def test_what_a_pod_writes_to_is_a_volume(rendered: Rendered) -> None:
    for pod in rendered.pods:
        volumes = {one["name"]: one for one in pod.spec["volumes"]}
        for mount in pod.container["volumeMounts"]:
            writable = "emptyDir" in volumes[mount["name"]]
            assert writable != mount.get("readOnly", False), (pod.name, mount)
        mounts = pod.container["volumeMounts"]
        written = {one["mountPath"] for one in mounts if "readOnly" not in one}
        wanted = {"/tmp"} | ({"/spool"} if pod.env.get("SPOOL") else set())  # noqa: S108 - ours alone
        if str(pod.env.get("DATABASE_URL", "")).startswith("sqlite"):
            wanted |= {"/data"}
        assert written == wanted, pod.name


def test_no_pod_has_a_token_and_each_workload_has_its_own_account(rendered: Rendered) -> None:
    accounts = {one["metadata"]["name"]: one for one in rendered.of("ServiceAccount")}
    assert all(one["automountServiceAccountToken"] is False for one in accounts.values())
    assert all(pod.spec["automountServiceAccountToken"] is False for pod in rendered.pods)
    assert {pod.spec["serviceAccountName"] for pod in rendered.pods} == accounts.keys()
    own = [pod.spec["serviceAccountName"] for pod in rendered.running]
    assert len(own) == len(set(own))


def test_the_image_has_a_version_and_a_digest_goes_before_a_tag(rendered: Rendered) -> None:
    digest = rendered.values["image"].get("digest")
    for pod in rendered.pods:
        image = pod.container["image"]
        assert image.startswith("registry.example.com/otklik")
        assert not image.endswith(":latest")
        assert image.endswith(f"@{digest}" if digest else ":0.1.0"), image


def test_memory_is_limited_to_its_request_and_cpu_is_not_limited(rendered: Rendered) -> None:
    for pod in rendered.pods:
        resources = pod.container["resources"]
        assert resources["requests"].keys() >= {"cpu", "memory"}, pod.name
        assert resources["limits"] == {"memory": resources["requests"]["memory"]}, pod.name


async def test_probes_ask_a_path_that_is_served_on_the_probes_port(rendered: Rendered) -> None:
    wanted = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
    app = ASGITransport(app=probe_app(Probes(lambda: 0.0), CollectorRegistry()))
    async with AsyncClient(transport=app, base_url="http://pod") as client:
        for path in wanted.values():
            assert (await client.get(path)).status_code in {200, 503}
    for pod in rendered.running:
        for probe, path in wanted.items():
            assert pod.container[probe]["httpGet"] == {"path": path, "port": "http"}, pod.name
        assert str(pod.ports["http"]) == pod.env["PORT"], pod.name


def test_a_start_may_take_minutes_and_a_stuck_process_is_ended(rendered: Rendered) -> None:
    for pod in rendered.running:
        start, live = pod.container["startupProbe"], pod.container["livenessProbe"]
        assert start["periodSeconds"] * start["failureThreshold"] >= 120
        assert live["periodSeconds"] * live["failureThreshold"] <= 60


def test_workloads_are_replaced_as_their_groups_bear_it() -> None:
    for one in render("strimzi").of("Deployment"):
        component = _component(one)
        strategy, pod = one["spec"]["strategy"], one["spec"]["template"]["spec"]
        if component == "ingest-poll":
            assert (one["spec"]["replicas"], strategy) == (1, {"type": "Recreate"})
        elif component in CONSUMERS:
            assert strategy["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}, component
        else:
            assert strategy["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}, component
        patience = 90 if component in CONSUMERS else 45
        assert pod["terminationGracePeriodSeconds"] == patience, component
        ends = pod["containers"][0].get("lifecycle")
        sleeps = {"preStop": {"sleep": {"seconds": 5}}}
        assert ends == (sleeps if component in CALLED else None), component


def test_a_workload_may_be_stopped_and_one_that_is_off_leaves_nothing() -> None:
    stopped = render("minimal", "--set", "workloads.route-posts.replicas=0")
    counts = {_component(one): one["spec"]["replicas"] for one in stopped.of("Deployment")}
    assert counts.pop("route-posts") == 0
    assert set(counts.values()) == {1}
    off = render("minimal", "--set", "workloads.route-posts.enabled=false")
    assert "route-posts" not in {
        one["metadata"]["labels"].get("app.kubernetes.io/component") for one in off.objects
    }


def test_on_sqlite_a_pod_ends_before_the_next_begins() -> None:
    for one in render("sqlite").of("Deployment"):
        if _component(one) != "classify":
            assert one["spec"]["strategy"] == {"type": "Recreate"}


def test_replicas_spread_over_zones_and_hosts(rendered: Rendered) -> None:
    for one in rendered.of("Deployment"):
        spread = one["spec"]["template"]["spec"]["topologySpreadConstraints"]
        keys = {constraint["topologyKey"] for constraint in spread}
        assert keys == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
        for constraint in spread:
            assert constraint["whenUnsatisfiable"] == "ScheduleAnyway"
            assert constraint["matchLabelKeys"] == ["pod-template-hash"]
            assert constraint["labelSelector"] == one["spec"]["selector"]


def test_selectors_have_no_version_and_objects_have_the_usual_labels(rendered: Rendered) -> None:
    usual = {"name", "instance", "version", "part-of", "managed-by"}
    for one in rendered.objects:
        assert {f"app.kubernetes.io/{name}" for name in usual} <= one["metadata"]["labels"].keys()
        if one["kind"] == "Deployment":
            chosen = one["spec"]["selector"]["matchLabels"]
            assert chosen.keys() == {
                f"app.kubernetes.io/{name}" for name in ("name", "instance", "component")
            }


def test_a_new_chart_version_alone_restarts_nothing(rendered: Rendered) -> None:
    assert not any("helm.sh/chart" in pod.labels for pod in rendered.running)


def test_only_what_is_not_hot_restarts_pods() -> None:
    before = _annotations(render("minimal"))
    brands = _annotations(render("minimal", "--set-string", "brands.inline=brands: {}"))
    changed = {name for name, said in before.items() if said != brands[name]}
    assert changed == {"otklik-ingest-web", "otklik-ingest-poll"}
    hot = ["--set-string", "policy.inline=rules: []", "--set-json"]
    place = 'quarantine=[{"topic":"posts.v1","partition":0,"offset":7}]'
    assert _annotations(render("minimal", *hot, place)) == before


@pytest.mark.parametrize("value", ["nodeSelector", "tolerations", "affinity", "priorityClassName"])
def test_a_workloads_own_place_goes_before_the_common_one(value: str) -> None:
    common = {"nodeSelector": '{"a":"b"}', "tolerations": '[{"key":"a"}]', "affinity": '{"a":{}}'}
    said = common.get(value, '"low"')
    own = said.replace("a", "own", 1) if said != '"low"' else '"high"'
    argument = f"workloads.classify.{value}={own}"
    found = render("minimal", "--set-json", f"{value}={said}", "--set-json", argument)
    by_name = {pod.component: pod.spec[value] for pod in found.pods}
    assert by_name.pop("classify") != by_name["route-api"]
    assert len({str(one) for one in by_name.values()}) == 1


def _component(one: Object) -> str:
    found: str = one["metadata"]["labels"]["app.kubernetes.io/component"]
    return found


def _annotations(found: Rendered) -> dict[str, object]:
    return {
        one["metadata"]["name"]: one["spec"]["template"]["metadata"].get("annotations")
        for one in found.of("Deployment")
    }
