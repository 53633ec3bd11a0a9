"""docs/write-a-policy.md is followed word for word: its policy is checked, its commands are run.

The inputs that break the easy version: a line and column that moved; a refused line that another
check refuses first; a condition in the table that the language does not have.
"""

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from docs.generate import POLICY_SCHEMA
from schemas.yaml_marks import BadFile, read_yaml
from services.route.domain.alert_spec import AlertingSpec, InhibitSpec, WaySpec
from services.route.domain.alert_timeline import Fires, Line, Quieted
from services.route.domain.calendars import read_holds
from services.route.domain.findings import Findings
from services.route.domain.matchers import read_matcher
from services.route.domain.policy_file import read_policy
from services.route.domain.policy_schema import policy_schema
from services.route.domain.spec import CalendarSpec

PAGE = Path("docs/write-a-policy.md").read_text(encoding="utf-8")
(POLICY,) = re.findall(r"^```yaml policy.yaml\n(.*?)^```$", PAGE, flags=re.M | re.S)
(ALERTING,) = re.findall(r"^```yaml alerting.yaml\n(.*?)^```$", PAGE, flags=re.M | re.S)
(REFUSED,) = re.findall(r"^```yaml refused\n(.*?)^```$", PAGE, flags=re.M | re.S)
SESSION = "".join(re.findall(r"^```console\n(.*?)^```$", PAGE, flags=re.M | re.S))
STEPS = [
    (command, shown) for command, shown in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", SESSION, re.M)
]
LINES = [tuple(line.split("  # ")) for line in REFUSED.splitlines()]


def test_the_session_of_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "alerting.yaml").write_text(ALERTING, encoding="utf-8")

    for command, shown in STEPS:
        done = subprocess.run(
            ["bash", "-c", command.replace(".venv/bin/python", sys.executable)],
            cwd=tmp_path,
            env={"PYTHONPATH": str(Path.cwd()), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == shown, done.stderr

    ran = {match[1] for command, _ in STEPS for match in re.finditer(r"route (\w+) ", command)}
    assert ran == {"check", "decide", "explain", "alerts"}


def test_the_policy_of_the_page_is_what_an_editor_expects() -> None:
    assert list(Draft202012Validator(policy_schema()).iter_errors(read_yaml(POLICY).value)) == []
    assert POLICY_SCHEMA.name in POLICY


def test_each_key_of_alerting_is_explained_and_written() -> None:
    assert read_policy(POLICY + ALERTING).alerting.inhibitions

    for kind in (AlertingSpec, WaySpec, InhibitSpec):
        for field in msgspec.structs.fields(kind):
            assert f"`{field.encode_name}`" in PAGE
            assert f"{field.encode_name}: " in ALERTING or f"{field.encode_name}:\n" in ALERTING


def test_each_part_of_a_line_of_what_happens_is_explained() -> None:
    lines = PAGE.split("| a line has", 1)[1]

    for kind in (Line, Fires, Quieted):
        for field in msgspec.structs.fields(kind):
            assert f"`{field.encode_name}`" in lines


@pytest.mark.parametrize(("rule", "why"), LINES)
def test_each_refused_line_is_refused_with_the_words_beside_it(rule: str, why: str) -> None:
    front = f"rules:\n  - {{id: front, why: A line of the page., {rule.strip()[1:-1]}}}\n"

    with pytest.raises(BadFile) as caught:
        read_policy(POLICY.replace("rules:\n", front, 1))

    assert any(why.strip() in one.why for one in caught.value.problems), caught.value


def test_each_condition_of_the_table_is_one() -> None:
    conditions = PAGE.split("## Name the holidays", 1)[0]
    rows = re.findall(r"^\| (`.*`) \| .* \|$", conditions, flags=re.M)
    said = [one for row in rows for one in re.findall(r"`([^`]+)`", row)]
    document = read_yaml(POLICY)
    hours = {
        name: CalendarSpec(timezone=one["timezone"], weekly=one["weekly"])
        for name, one in document.value["calendars"].items()
    }
    holds = read_holds(hours, Findings(document))

    read = [
        read_matcher(field, value, holds)
        for one in said
        for field, value in read_yaml(one).value.items()
    ]

    assert len(read) == 8
