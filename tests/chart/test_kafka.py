"""Are the topics, rights and triggers those of our tables?

Three inputs that break the easy version: a count in milliseconds becomes 6.048e+08 on its way
through YAML; a right for all groups that begin so is no literal name; another topicPrefix.
"""

import pytest

from schemas.rights import PRINCIPALS, granted
from schemas.topics import SERVICES, TOPICS
from stream.topic_admin import configs
from tests.chart.rendering import Object, Rendered, refusal, render

ONE_MORE = ("--set", "topicPrefix=care.eu")


@pytest.mark.parametrize(("more", "prefix"), [((), "otklik"), (ONE_MORE, "care.eu")])
def test_topics_are_the_tables(more: tuple[str, ...], prefix: str) -> None:
    found = {
        one["metadata"]["name"]: one["spec"] for one in render("strimzi", *more).of("KafkaTopic")
    }
    assert found == {
        topic.under(prefix): {
            "partitions": 24,
            "replicas": 3,
            "config": {**configs(topic), "min.insync.replicas": "2"},
        }
        for topic in TOPICS
    }


def test_topics_outlive_the_chart_and_lie_beside_their_kafka(strimzi: Rendered) -> None:
    for one in strimzi.of("KafkaTopic", "KafkaUser"):
        assert one["apiVersion"] == "kafka.strimzi.io/v1"
        assert one["metadata"]["namespace"] == "kafka"
        assert one["metadata"]["labels"]["strimzi.io/cluster"] == "main"
    for one in strimzi.of("KafkaTopic"):
        assert one["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


@pytest.mark.parametrize(("more", "prefix"), [((), "otklik"), (ONE_MORE, "care.eu")])
def test_rights_are_the_tables(more: tuple[str, ...], prefix: str) -> None:
    users = render("strimzi", *more).of("KafkaUser")
    found = {
        (user["metadata"]["name"], *_right(acl))
        for user in users
        for acl in user["spec"]["authorization"]["acls"]
    }
    assert found == {
        (
            f"{prefix}-{one.principal}",
            one.kind.value,
            f"{prefix}.{one.name}",
            "prefix" if one.prefix else "literal",
            tuple(operation.value for operation in one.operations),
        )
        for one in granted()
    }
    assert len(users) == len(PRINCIPALS)
    assert sum(len(user["spec"]["authorization"]["acls"]) for user in users) == len(granted())


def test_nobody_may_create_alter_or_do_all(strimzi: Rendered) -> None:
    operations = {
        operation
        for user in strimzi.of("KafkaUser")
        for acl in user["spec"]["authorization"]["acls"]
        for operation in acl["operations"]
    }
    assert operations == {"Read", "Write", "Describe", "DescribeConfigs"}


@pytest.mark.parametrize(("protocol", "kind"), [("SASL_SSL", "scram-sha-512"), ("SSL", "tls")])
def test_a_user_proves_itself_as_the_services_come(protocol: str, kind: str) -> None:
    found = render("strimzi", "--set", f"kafka.security.protocol={protocol}")
    kinds = {user["spec"]["authentication"]["type"] for user in found.of("KafkaUser")}
    assert kinds == {kind}


def test_each_service_comes_as_its_own_user(rendered: Rendered) -> None:
    if "security" not in rendered.values["kafka"]:
        return
    users = rendered.values["kafka"]["existingSecretPerWorkload"]
    for pod in rendered.pods:
        if "KAFKA_BOOTSTRAP_SERVERS" in pod.env:
            volumes = {one["name"]: one for one in pod.spec["volumes"]}
            service = pod.container["command"][-1].removeprefix("services.")
            secret = users["topics" if service == "stream" else service]
            assert volumes["kafka"]["secret"]["secretName"] == secret
            assert pod.env["KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"


def test_a_client_certificate_is_shown_for_mtls() -> None:
    security = "kafka.security.protocol=SSL,kafka.security.certificateKey=user.crt"
    found = render("keda", "--set", f"{security},kafka.security.privateKeyKey=user.key")
    for pod in found.pods:
        if "KAFKA_BOOTSTRAP_SERVERS" in pod.env:
            assert pod.env["KAFKA_CERTIFICATE_FILE"] == "/secrets/kafka/user.crt"
            assert pod.env["KAFKA_KEY_FILE"] == "/secrets/kafka/user.key"
            assert not {"KAFKA_PASSWORD_FILE", "KAFKA_USERNAME"} & pod.env.keys()


def test_lag_is_asked_of_each_topic_that_a_group_reads(keda: Rendered) -> None:
    asked = {
        (trigger["metadata"]["consumerGroup"], trigger["metadata"]["topic"])
        for trigger in _lag(keda)
    }
    scaled = {"classify", "route", "notify"}
    assert asked == {
        (f"otklik.{service}", topic.under("otklik"))
        for service in scaled & set(SERVICES)
        for topic in TOPICS
        if service in topic.read_by
    }


def test_the_scaler_may_describe_what_it_asks_for(keda: Rendered) -> None:
    may = {f"otklik.{one.name}" for one in granted() if one.principal == "scaler"}
    for trigger in _lag(keda):
        assert {trigger["metadata"]["consumerGroup"], trigger["metadata"]["topic"]} <= may


def test_a_stuck_partition_scales_nothing_and_no_consumer_stands_idle(keda: Rendered) -> None:
    for trigger in _lag(keda):
        said = trigger["metadata"]
        assert said["limitToPartitionsWithLag"] == said["excludePersistentLag"] == "true"
        assert said["allowIdleConsumers"] == "false"
        assert (said["sasl"], said["tls"]) == ("scram_sha512", "enable")
        assert trigger["authenticationRef"] == {"name": "otklik-scaler"}
    for one in keda.of("ScaledObject"):
        if any(trigger["type"] == "kafka" for trigger in one["spec"]["triggers"]):
            assert one["spec"]["fallback"]["replicas"] <= one["spec"]["maxReplicaCount"]


def test_the_scaler_has_its_own_secret_and_names_no_value(keda: Rendered) -> None:
    (one,) = keda.of("TriggerAuthentication")
    refers = {row["parameter"]: (row["name"], row["key"]) for row in one["spec"]["secretTargetRef"]}
    assert refers == {"password": ("kafka-user-scaler", "password"), "ca": ("kafka-ca", "ca.crt")}


def test_an_unguarded_kafka_needs_no_authentication_of_the_scaler() -> None:
    found = render("minimal", "--set", "autoscaling.keda.enabled=true")
    assert not found.of("TriggerAuthentication")
    assert not any("authenticationRef" in trigger for trigger in _lag(found))


@pytest.mark.parametrize(("create", "jobs", "topics"), [("job", 1, 0), ("none", 0, 0)])
def test_topics_are_created_once(create: str, jobs: int, topics: int) -> None:
    found = render("minimal", "--set", f"kafka.topics.create={create}")
    made = [one for one in found.of("Job") if "topics" in one["metadata"]["name"]]
    assert (len(made), len(found.of("KafkaTopic"))) == (jobs, topics)


def test_a_prefix_that_is_no_name_is_refused() -> None:
    assert "topicPrefix" in refusal("strimzi", "--set", "topicPrefix=Care_EU")


def _lag(found: Rendered) -> list[Object]:
    return [
        trigger
        for one in found.of("ScaledObject")
        for trigger in one["spec"]["triggers"]
        if trigger["type"] == "kafka"
    ]


def _right(acl: Object) -> tuple[str, str, str, tuple[str, ...]]:
    assert acl["host"] == "*"
    on = acl["resource"]
    return on["type"], on["name"], on["patternType"], tuple(acl["operations"])
