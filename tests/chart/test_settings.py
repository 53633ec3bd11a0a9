"""Is every process told what it knows, and nothing that is a secret?

Three inputs that break the easy version: NAME_FILE is the setting NAME; a role is checked only when
it is parsed; `serve` of classify has none.
"""

import importlib
from collections.abc import Mapping

import msgspec
import pytest
import yaml

from tests.chart.rendering import CHART, Object, Pod, Rendered, render

SECRET = {
    "DATABASE_URL",
    "KAFKA_PASSWORD",
    "ERASURE_KEY",
    "CHANNELS",
    "CHANNEL_SECRET",
    "SMTP_URL",
    "ACK_SECRET",
    "CALLBACK_SECRETS",
}
"""Settings that may not stand in a pod's description."""
TRACING = {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER_ARG"}
"""OpenTelemetry's own variables."""
WORKLOADS = {
    "ingest-web": ("ingest", "web"),
    "ingest-poll": ("ingest", "poll"),
    "classify": ("classify", None),
    "route-posts": ("route", "posts"),
    "route-api": ("route", "api"),
    "route-dispatch": ("route", "dispatch"),
    "notify-clocks": ("notify", "clocks"),
    "notify-web": ("notify", "web"),
}
"""The contract of processes: service and role."""
SPEAK_KAFKA = {"ingest-web", "ingest-poll", "classify", "route-posts", "notify-clocks"}


def test_the_eight_workloads_run_their_service_in_their_role() -> None:
    found = {pod.component: _runs(pod) for pod in render("minimal").running}
    assert found == WORKLOADS


def test_every_argument_is_one_that_the_command_knows(
    rendered: Rendered, capsys: pytest.CaptureFixture[str]
) -> None:
    for pod in rendered.pods:
        module = pod.container["command"][-1]
        assert pod.container["command"] == ["python", "-m", module]
        main = importlib.import_module(f"{module}.__main__").main
        with pytest.raises(SystemExit) as ended:
            main([*pod.container["args"], "--help"])
        assert ended.value.code == 0, (pod.name, capsys.readouterr().err)


def test_every_variable_is_a_setting_of_that_service(rendered: Rendered) -> None:
    more = set(rendered.values["secrets"]["ingest"].get("settings", ()))
    for pod in rendered.running:
        service, _ = _runs(pod)
        known = _settings(service) | (more if service == "ingest" else set())
        unknown = {name for name in pod.env if name.removesuffix("_FILE") not in known}
        assert not unknown - known, pod.name


def test_every_value_is_of_its_settings_kind(rendered: Rendered) -> None:
    for pod in rendered.running:
        kind = importlib.import_module(f"services.{_runs(pod)[0]}.settings").Settings
        names = {field.encode_name for field in msgspec.structs.fields(kind)}
        said = {name: value for name, value in pod.env.items() if name in names}
        msgspec.convert(said, kind, strict=False)


def test_every_process_has_what_it_needs(rendered: Rendered) -> None:
    for pod in rendered.running:
        service, _ = _runs(pod)
        told = {name.removesuffix("_FILE") for name in pod.env}
        needs = {"HOST", "PORT", "TOPIC_PREFIX", "PARTITIONS"}
        needs |= {"DATABASE_URL"} & _settings(service)
        needs |= {"ingest": {"BRANDS"}, "route": {"CHANNELS"}}.get(service, set())
        assert needs <= told, pod.name
        if rendered.name != "sqlite":
            speaks = "KAFKA_BOOTSTRAP_SERVERS" in told
            assert speaks == (pod.component in SPEAK_KAFKA), pod.name


def test_a_policy_of_the_values_reaches_every_process_of_route() -> None:
    found = render("strimzi")
    told = {pod.component for pod in found.running if "POLICY" in pod.env}
    assert told == {"route-posts", "route-api", "route-dispatch"}


def test_tokens_reach_the_api_that_they_open_and_no_other() -> None:
    found = render("strimzi")
    told = {
        pod.component: name
        for pod in found.running
        for name in pod.env
        if name in {"API_TOKENS", "ADMIN_TOKENS"}
    }
    assert told == {
        "ingest-web": "ADMIN_TOKENS",
        "route-api": "API_TOKENS",
        "notify-web": "API_TOKENS",
    }


def test_brands_secrets_reach_ingest_and_nobody_else() -> None:
    found = render("minimal")
    told = {pod.component for pod in found.pods if pod.container.get("envFrom")}
    assert told == {"ingest-web", "ingest-poll"}


def test_nothing_rendered_is_a_secret_or_holds_one(rendered: Rendered) -> None:
    assert not rendered.of("Secret")
    for pod in rendered.pods:
        for name, value in pod.env.items():
            if name in SECRET:
                assert str(value).startswith("sqlite:"), (pod.name, name)


def test_a_secret_is_read_where_it_is_mounted(rendered: Rendered) -> None:
    for pod in rendered.pods:
        mounts = {one["name"]: one["mountPath"] for one in pod.container["volumeMounts"]}
        secrets = {
            mounts[one["name"]]: {key["path"] for key in one["secret"].get("items", ())}
            for one in pod.spec["volumes"]
            if "secret" in one
        }
        asked = {str(value) for value in pod.env.values() if str(value).startswith("/secrets/")}
        folders = {path.rpartition("/")[0] for path in asked}
        assert folders == secrets.keys(), pod.name
        for path in asked:
            folder, _, key = path.rpartition("/")
            assert not secrets[folder] or key in secrets[folder], (pod.name, path)


def test_tracing_is_off_until_there_is_an_endpoint() -> None:
    assert not any(TRACING & pod.env.keys() for pod in render("minimal").pods)
    assert all(pod.env.keys() >= TRACING for pod in render("strimzi").running)


@pytest.mark.parametrize("how", ["hook", "job", "start"])
def test_migrations_run_before_the_processes_or_at_their_start(how: str) -> None:
    found = render("minimal", "--set", f"database.migrate={how}")
    migrating = [one for one in found.of("Job") if "migrate" in one["metadata"]["name"]]
    assert len(migrating) == (0 if how == "start" else 3)
    when = {one["metadata"].get("annotations", {}).get("helm.sh/hook") for one in migrating}
    assert when == {"hook": {"pre-install,pre-upgrade"}, "job": {None}, "start": set()}[how]
    told = {pod.env["MIGRATE"] for pod in found.running if _has_store(pod)}
    assert told == {"start" if how == "start" else "job"}


def test_a_hooks_account_is_there_before_the_hook() -> None:
    found = render("minimal")
    (account,) = [one for one in found.of("ServiceAccount") if "annotations" in one["metadata"]]
    assert account["metadata"]["name"] == "otklik-jobs"
    assert all(_weight(account) < _weight(one) for one in found.of("Job"))


@pytest.mark.parametrize(
    ("value", "new"),
    [
        ("image.tag=0.2.0", 4),
        ("database.keys.route=own", 1),
        ("runAsUser=7", 4),
        ("spool.sizeLimit=2Gi", 0),
    ],
)
def test_a_plain_job_that_changes_is_a_new_one(value: str, new: int) -> None:
    plain = ("--set", "database.migrate=job", "--set")
    before, after = (
        {one["metadata"]["name"] for one in render("minimal", *plain, said).of("Job")}
        for said in ("database.allowSqlite=false", value)
    )
    assert len(after - before) == new


def test_what_comes_as_env_from_the_user_comes_last() -> None:
    more = '[{"name":"LOG_LEVEL","value":"DEBUG"}]'
    found = render("minimal", "--set-json", f"workloads.classify.extraEnv={more}")
    (pod,) = [pod for pod in found.running if pod.component == "classify"]
    assert pod.container["env"][-1] == {"name": "LOG_LEVEL", "value": "DEBUG"}


def test_the_table_of_workloads_is_the_values() -> None:
    table: Mapping[str, object] = yaml.safe_load((CHART / "files/workloads.yaml").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    assert set(table) == set(values["workloads"]) == set(WORKLOADS)


def _runs(pod: Pod) -> tuple[str, str | None]:
    """The service, and its role."""
    args = pod.container["args"]
    role = args[args.index("--role") + 1] if "--role" in args else None
    return pod.container["command"][-1].removeprefix("services."), role


def _settings(service: str) -> set[str]:
    kind = importlib.import_module(f"services.{service}.settings").Settings
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def _has_store(pod: Pod) -> bool:
    return bool({"DATABASE_URL", "DATABASE_URL_FILE"} & pod.env.keys())


def _weight(one: Object) -> int:
    return int(one["metadata"]["annotations"]["helm.sh/hook-weight"])
