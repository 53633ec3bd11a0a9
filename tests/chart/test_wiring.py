"""Does everything that points at something hit it, and nothing else?

Three inputs that break the easy version: a selector without a component means all pods; a port may
be named as a number; a Job's pods are there too when selectors are asked.
"""

from collections.abc import Iterator
from typing import Any

from tests.chart.rendering import Object, Rendered, render, selected

HOOKS = ("/v1/hooks/",)
PHONES = ("/a/", "/v1/callbacks/")
"""What is authenticated by itself: links by their seal, callbacks as their provider does."""


def test_a_deployment_selects_its_own_pods_only(rendered: Rendered) -> None:
    for one in rendered.of("Deployment"):
        found = selected(one["spec"]["selector"], rendered.pods)
        assert [pod.name for pod in found] == [one["metadata"]["name"]]


def test_a_service_selects_one_workload_and_its_ports_exist(rendered: Rendered) -> None:
    for one in rendered.of("Service"):
        (pod,) = selected({"matchLabels": one["spec"]["selector"]}, rendered.pods)
        assert pod.kind == "Deployment"
        for port in one["spec"]["ports"]:
            assert pod.ports[port["targetPort"]] == port["port"], one["metadata"]["name"]
            assert one["spec"].get("type", "ClusterIP") == "ClusterIP"


def test_listeners_of_the_environment_are_the_ports_of_the_pod(rendered: Rendered) -> None:
    for pod in rendered.running:
        said = {
            name.removesuffix("PORT").strip("_").lower() or "http": int(value)
            for name, value in pod.env.items()
            if name.endswith("PORT")
        }
        assert said == pod.ports, pod.name
        hosts = [value for name, value in pod.env.items() if name.endswith("HOST")]
        assert hosts == ["0.0.0.0"] * len(said), pod.name  # noqa: S104 - a pod's own address


def test_a_budget_guards_what_has_more_than_one_replica_and_nothing_else(
    rendered: Rendered,
) -> None:
    guarded = set()
    for one in rendered.of("PodDisruptionBudget"):
        (pod,) = selected(one["spec"]["selector"], rendered.pods)
        guarded.add(pod.name)
        assert one["spec"]["maxUnavailable"] == 1
        assert one["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert guarded == {name for name, count in _least(rendered).items() if count > 1}


def test_a_scaler_has_a_target_that_has_no_count_of_its_own(rendered: Rendered) -> None:
    targets = [one["spec"]["scaleTargetRef"]["name"] for one in _scalers(rendered)]
    free = {
        one["metadata"]["name"]
        for one in rendered.of("Deployment")
        if "replicas" not in one["spec"]
    }
    assert sorted(targets) == sorted(free)
    assert "otklik-ingest-poll" not in targets


def test_no_consumer_has_more_replicas_than_partitions(rendered: Rendered) -> None:
    partitions = {pod.name: int(pod.env["PARTITIONS"]) for pod in rendered.running}
    for one in rendered.of("Deployment"):
        name = one["metadata"]["name"]
        assert one["spec"].get("replicas", 1) <= partitions[name]
    for one in rendered.of("ScaledObject"):
        spec = one["spec"]
        assert spec["maxReplicaCount"] <= partitions[spec["scaleTargetRef"]["name"]]
        assert spec["minReplicaCount"] >= 2


def test_every_pod_is_denied_all_but_names_and_allowed_by_one_policy_more(
    rendered: Rendered,
) -> None:
    deny, *allow = rendered.of("NetworkPolicy")
    assert len(selected(deny["spec"]["podSelector"], rendered.pods)) == len(rendered.pods)
    assert "ingress" not in deny["spec"]
    assert [rule["ports"] for rule in deny["spec"]["egress"]] == [
        [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    ]
    allowed = []
    for one in allow:
        (pod,) = selected(one["spec"]["podSelector"], rendered.pods)
        allowed.append(pod.name)
        assert one["spec"]["policyTypes"] == ["Ingress", "Egress"]
        for rule in one["spec"].get("ingress", ()):
            assert rule["from"], f"{one['metadata']['name']}: an empty `from` lets in everybody"
            assert all(port["port"] in pod.ports for port in rule["ports"])
        assert all(rule["to"] for rule in one["spec"].get("egress", ()))
    assert sorted(allowed) == sorted(pod.name for pod in rendered.pods)


def test_a_pod_may_reach_what_it_is_told_of_and_nothing_else(rendered: Rendered) -> None:
    outside = {"ingest-poll", "route-api", "route-dispatch"}
    if rendered.name == "sqlite":
        outside = {"ingest-web", "route-api"}
    for pod in rendered.pods:
        ports = set(_ports_out(rendered, pod.component))
        brokers = pod.env.get("KAFKA_BOOTSTRAP_SERVERS", "")
        wanted = {int(one.rpartition(":")[2]) for one in brokers.split(",") if one}
        wanted |= {5432} if "DATABASE_URL_FILE" in pod.env else set()
        wanted |= {4318} if "OTEL_EXPORTER_OTLP_ENDPOINT" in pod.env else set()
        wanted |= {80, 443, 587} if pod.component in outside else set()
        wanted |= {8080} if pod.kind == "Pod" else set()
        assert ports == wanted, pod.name


def test_nobody_reaches_the_admin_api_unless_it_is_said(rendered: Rendered) -> None:
    assert "admin" not in set(_ports_in(rendered))
    said = render("minimal", "--set-json", 'networkPolicy.adminFrom=[{"podSelector":{}}]')
    assert "admin" in set(_ports_in(said))


def test_an_ingress_leads_to_hooks_and_where_asked_to_what_phones_call(rendered: Rendered) -> None:
    asked = rendered.values.get("ingress", {})
    public = {
        one["metadata"]["name"]: list(_paths(one, rendered)) for one in rendered.of("Ingress")
    }
    wanted = {}
    if asked.get("hooks", {}).get("enabled"):
        wanted["otklik-hooks"] = [("ingest-web", "hooks", path) for path in HOOKS]
    if asked.get("phones", {}).get("enabled"):
        wanted["otklik-phones"] = [("route-api", "http", path) for path in PHONES]
    assert public == wanted


def test_an_ingress_is_served_over_tls_and_its_host_is_told_to_the_service() -> None:
    found = render("strimzi")
    for one in found.of("Ingress"):
        (rule,) = one["spec"]["rules"]
        assert one["spec"]["tls"][0]["hosts"] == [rule["host"]]
    told = {pod.component: pod.env.get("PUBLIC_URL") for pod in found.running}
    assert told["ingest-web"] == "https://hooks.example.com"
    assert told["route-api"] == "https://phones.example.com"


def test_the_pod_monitor_finds_every_workload_and_its_metrics_port(rendered: Rendered) -> None:
    for one in rendered.of("PodMonitor"):
        found = selected(one["spec"]["selector"], rendered.pods)
        assert [pod.name for pod in found] == [pod.name for pod in rendered.running]
        (endpoint,) = one["spec"]["podMetricsEndpoints"]
        assert endpoint["path"] == "/metrics"
        assert all(endpoint["port"] in pod.ports for pod in found)
    asked = rendered.values.get("monitoring", {}).get("podMonitor", {}).get("enabled", False)
    assert len(rendered.of("PodMonitor")) == int(asked)


def test_no_monitor_renames_our_label_service(rendered: Rendered) -> None:
    assert not rendered.of("ServiceMonitor")


def test_the_test_pod_asks_each_address_of_the_clocks(rendered: Rendered) -> None:
    (pod,) = [pod for pod in rendered.pods if pod.kind == "Pod"]
    at = pod.container["args"][pod.container["args"].index("--at") + 1]
    host, _, port = at.rpartition(":")
    (service,) = [one for one in rendered.of("Service") if one["metadata"]["name"] == host]
    assert service["spec"]["clusterIP"] == "None"
    assert int(port) in {one["port"] for one in service["spec"]["ports"]}
    (target,) = selected({"matchLabels": service["spec"]["selector"]}, rendered.pods)
    assert target.container["command"][-1] == "services.notify"
    assert target.container["args"][-1] in {"clocks", "all"}


def test_mounted_config_maps_are_there_or_named_by_the_values(rendered: Rendered) -> None:
    made = {one["metadata"]["name"]: one["data"] for one in rendered.of("ConfigMap")}
    given = {"otklik-rules": "policy.yaml", "otklik-companies": "brands.yaml"}
    known = {**{name: set(data) for name, data in made.items()}, **given}
    for pod in rendered.running:
        mounts = {one["name"]: one["mountPath"] for one in pod.container["volumeMounts"]}
        for volume in pod.spec["volumes"]:
            if "configMap" in volume:
                keys = known[volume["configMap"]["name"]]
                files = [f"{mounts[volume['name']]}/{key}" for key in _names(keys)]
                assert set(files) & {str(value) for value in pod.env.values()}, pod.name


def _names(keys: Any) -> list[str]:
    return [keys] if isinstance(keys, str) else sorted(keys)


def _least(found: Rendered) -> dict[str, int]:
    counts = {
        one["metadata"]["name"]: one["spec"].get("replicas", 0) for one in found.of("Deployment")
    }
    for one in _scalers(found):
        spec = one["spec"]
        least = spec.get("minReplicas", spec.get("minReplicaCount"))
        counts[spec["scaleTargetRef"]["name"]] = least
    return counts


def _scalers(found: Rendered) -> list[Object]:
    return found.of("HorizontalPodAutoscaler", "ScaledObject")


def _ports_out(found: Rendered, component: str) -> Iterator[int]:
    for one in found.of("NetworkPolicy"):
        if one["metadata"]["name"] == f"otklik-{component}":
            for rule in one["spec"].get("egress", ()):
                yield from (port["port"] for port in rule["ports"])


def _ports_in(found: Rendered) -> Iterator[str]:
    for one in found.of("NetworkPolicy"):
        for rule in one["spec"].get("ingress", ()):
            yield from (port["port"] for port in rule["ports"])


def _paths(ingress: Object, found: Rendered) -> Iterator[tuple[str, str, str]]:
    services = {one["metadata"]["name"]: one["spec"] for one in found.of("Service")}
    for rule in ingress["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            service = services[backend["name"]]
            assert path["pathType"] == "Prefix"
            assert backend["port"]["name"] in {port["name"] for port in service["ports"]}
            (pod,) = selected({"matchLabels": service["selector"]}, found.pods)
            yield pod.component, backend["port"]["name"], path["path"]
