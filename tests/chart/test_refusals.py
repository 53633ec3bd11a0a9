"""Is what cannot work refused, with what was expected, what came and where?

Three inputs that break the easy version: a process of the same service with the role `all`; the
largest count of a scaler, not of a Deployment; a value that is right by itself and wrong beside
another.
"""

import pytest

from tests.chart.cluster import installed
from tests.chart.rendering import Rendered, refusal, render

REFUSED = {
    "no-brokers": (
        "minimal",
        "kafka.bootstrapServers=",
        "kafka.bootstrapServers: expected host:port of your brokers, got nothing",
    ),
    "no-database": (
        "minimal",
        "database.existingSecret=",
        "database.existingSecret: expected the name of a Secret",
    ),
    "no-brands": ("minimal", "brands.inline=", "brands: expected inline or existingConfigMap"),
    "two-brands": (
        "minimal",
        "brands.existingConfigMap=x",
        "brands: expected inline or existingConfigMap, got both",
    ),
    "sqlite-beside-a-secret": (
        "minimal",
        "database.allowSqlite=true",
        "database.allowSqlite: expected false beside database.existingSecret",
    ),
    "sqlite-with-replicas": (
        "sqlite",
        "workloads.route-api.replicas=2",
        "workloads.route-api.replicas: expected 1 on SQLite, got 2",
    ),
    "sqlite-with-two-workloads": (
        "sqlite",
        "workloads.notify-clocks.enabled=true",
        "expected one workload of notify on SQLite, got notify-clocks, notify-web",
    ),
    "sqlite-scaled": (
        "sqlite",
        "autoscaling.hpa.enabled=true",
        "workloads.ingest-web.replicas: expected 1 on SQLite",
    ),
    "hpa-and-keda": (
        "keda",
        "autoscaling.hpa.enabled=true",
        "autoscaling: expected hpa or keda, got both",
    ),
    "replicas-above-partitions": (
        "minimal",
        "workloads.classify.replicas=13",
        "workloads.classify.replicas: expected at most kafka.partitions (12), got 13",
    ),
    "most-above-partitions": (
        "keda",
        "autoscaling.keda.maxReplicas=25",
        "autoscaling.keda.maxReplicas: expected at most kafka.partitions (24), got 25",
    ),
    "fallback-above-most": (
        "keda",
        "autoscaling.keda.fallbackReplicas=25",
        "autoscaling.keda.fallbackReplicas: expected at most maxReplicas (24), got 25",
    ),
    "least-above-most": (
        "strimzi",
        "autoscaling.hpa.minReplicas=9",
        "autoscaling.hpa.minReplicas: expected at most maxReplicas (8), got 9",
    ),
    "two-pollers": (
        "minimal",
        "workloads.ingest-poll.replicas=2",
        "workloads.ingest-poll.replicas: expected 1, it runs once, got 2",
    ),
    "no-poller": (
        "minimal",
        "workloads.ingest-poll.replicas=0",
        "workloads.ingest-poll.replicas: expected 1, it runs once, got 0",
    ),
    "polling-in-all-replicas": (
        "minimal",
        "workloads.ingest-web.role=all,workloads.ingest-web.replicas=2",
        "workloads.ingest-web.replicas: expected 1, it runs once, got 2",
    ),
    "sasl-without-a-secret": (
        "external-kafka",
        "kafka.existingSecretPerWorkload.route=",
        "kafka.existingSecretPerWorkload.route: expected the name of a Secret",
    ),
    "sasl-without-the-scalers-secret": (
        "keda",
        "kafka.existingSecretPerWorkload.scaler=",
        "kafka.existingSecretPerWorkload.scaler: expected the name of a Secret",
    ),
    "sasl-without-a-secret-for-topics": (
        "keda",
        "kafka.existingSecretPerWorkload.topics=",
        "kafka.existingSecretPerWorkload.topics: expected the name of a Secret",
    ),
    "topics-created-twice": (
        "strimzi",
        "kafka.topics.create=job,kafka.existingSecretPerWorkload.topics=x",
        "kafka.topics.create: expected one way to create topics, got job beside",
    ),
    "strimzi-without-a-cluster": (
        "strimzi",
        "kafka.strimzi.cluster=",
        "kafka.strimzi.cluster: expected the name of your Kafka resource",
    ),
    "users-that-strimzi-cannot-make": (
        "strimzi",
        "kafka.security.mechanism=PLAIN",
        "kafka.security.mechanism: expected SCRAM-SHA-512",
    ),
    "half-a-certificate": (
        "keda",
        "kafka.security.protocol=SSL,kafka.security.certificateKey=user.crt",
        "kafka.security: expected certificateKey and privateKeyKey together",
    ),
    "a-certificate-that-nobody-asks-for": (
        "minimal",
        "kafka.security.certificateKey=a,kafka.security.privateKeyKey=b",
        "expected them with protocol SSL (mTLS), got PLAINTEXT",
    ),
    "latest": ("minimal", "image.tag=latest", "image.tag: expected a version, got latest"),
    "labels-that-select": (
        "minimal",
        r"podLabels.app\.kubernetes\.io/component=mine",
        "podLabels: expected labels of your own, got app.kubernetes.io/component",
    ),
    "spool-of-many": (
        "strimzi",
        "spool.existingClaim=spool",
        "spool.existingClaim: expected one replica of ingest-web and no autoscaling",
    ),
    "an-ingress-without-a-host": (
        "minimal",
        "ingress.phones.enabled=true",
        "ingress.phones.host: expected the public host name, got nothing",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_words(name: str) -> None:
    example, value, said = REFUSED[name]
    assert said in refusal(example, "--set", value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = refusal("minimal", "--set", "kafka.bootstrapServers=,workloads.ingest-poll.replicas=3")
    assert "kafka.bootstrapServers: expected" in said
    assert "workloads.ingest-poll.replicas: expected" in said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("workloads.classify.replica=2", "'replica' not allowed"),
        ("workloads.classifier.replicas=2", "'classifier' not allowed"),
        ("kafka.bootstrapServer=a:1", "'bootstrapServer' not allowed"),
        ("kafka.bootstrapServers=broker", "/kafka/bootstrapServers"),
        ("kafka.topics.create=both", "/kafka/topics/create"),
        ("kafka.security.protocol=TLS", "/kafka/security/protocol"),
        ("ingress.admin.enabled=true", "'admin' not allowed"),
        ("image.digest=sha256:12", "/image/digest"),
        ("workloads.classify.resources.limits.cpu=1", "'limits' not allowed"),
        ("runAsUser=0", "/runAsUser"),
        ("replicas=2", "'replicas' not allowed"),
    ],
)
def test_a_slip_in_a_value_is_refused(value: str, said: str) -> None:
    assert said in refusal("minimal", "--set", value)


@pytest.mark.parametrize(
    "value",
    [
        'extraEnv=[{"name":"LOG_LEVEL","value":"DEBUG"}]',
        'podAnnotations={"a":"b"}',
        'nodeSelector={"a":"b"}',
        'tolerations=[{"key":"a","operator":"Exists"}]',
        'affinity={"nodeAffinity":{}}',
        'workloads.classify.serviceAccountAnnotations={"a":"b"}',
        "runAsUser=null",
    ],
)
def test_what_is_the_users_own_is_open(value: str) -> None:
    assert render("minimal", "--set-json", value).running


def test_objects_of_the_users_own_are_templates() -> None:
    own = '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{ .Release.Name }}-own"}}'
    (one,) = render("minimal", "--set-json", f"extraObjects=[{own}]").of("Secret")
    assert one["metadata"]["name"] == "otklik-own"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("kafka.partitions=24", "kafka.partitions: expected 12, fixed when this installation was"),
        ("topicPrefix=other", "topicPrefix: expected otklik, fixed when this installation was"),
    ],
)
def test_what_is_fixed_for_ever_is_compared_with_what_runs(value: str, said: str) -> None:
    with installed({"partitions": "12", "topicPrefix": "otklik"}) as cluster:
        assert said in refusal("minimal", *cluster, "--set", value)
        same = refusal("minimal", *cluster)
    assert "cannot work" not in same
    assert "ensure CRDs are installed first" in same  # rendered, for a cluster without Deployments


def test_what_the_next_release_compares_with_is_written_down(rendered: Rendered) -> None:
    (kept,) = [
        one for one in rendered.of("ConfigMap") if one["metadata"]["name"] == "otklik-installation"
    ]
    said = {pod.env["PARTITIONS"] for pod in rendered.running}
    assert {kept["data"]["partitions"]} == said
    assert kept["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
