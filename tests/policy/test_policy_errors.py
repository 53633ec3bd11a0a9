"""Whatever is wrong with a policy is said with its line, its path and what was expected.

The inputs that break the easy version: a rule behind a wider one that is not empty; a rule behind a
wider one that ends earlier; a topic that nobody is responsible for;
a rehearsal in an installation without the channel that it would call.
"""

import pytest

from schemas.yaml_marks import BadFile
from services.route.domain.policy_file import read_policy
from services.route.domain.rulebook import Installed, checked
from services.route.settings import typical_replies
from tests.policy.small import SMALL, problems, with_rule

REHEARSAL = """\
policy: rehearsal
live: {live}
sla: {{day: {{first_response: 1h}}}}
teams: {{care: {{languages: [{lang}], duty: [{{during: always, people: [vera]}}], alerts: chat}}}}
alerting:
  test_channel: drills
rules:
  - id: all
    why: Everything has an owner.
    then: {{disposition: human_review, team: care, sla: day}}
    tests: [{{post: "?", facts: {{}}, gives: {{rule: all}}}}]
"""
CASE = "{disposition: human_review, team: care, sla: calm}"


def test_the_small_policy_is_whole() -> None:
    policy = read_policy(SMALL)

    assert [rule.id for rule in policy.rules] == ["stolen", "rest"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("team: care, sla", "team: crae, sla", "rules[1].then.team: expected one of care, fraud"),
        ("team: care, sla", "team: crae, sla", "did you mean `care`?"),
        ("sla: calm}\n    tests:\n      - post", "sla: clam}\n    tests:\n      - post", "`calm`?"),
        ("calendar: office, ", "calendar: offcie, ", "$.sla.calm.calendar"),
        ("during: office, people", "during: ofice, people", "$.teams.fraud.duty[0].during"),
        ("people: [anna, boris]", "people: [anna, anna]", "`anna` stands again"),
        ("people: [anna, boris]", "people: []", "a weekly rotation of nobody"),
        ("people: [vera]", "people: []", "a duty of nobody"),
        ("duty: [{during: always, people: [vera]}]", "duty: []", "nobody would answer"),
        ("languages: [ru, bg], duty", "languages: [], duty", "at least one language"),
        ("75%: lead", "75: lead", "expected a share like 75%"),
        ("75%: lead", "0%: lead", "expected a share like 75%"),
        ("first_response: 2h", "first_response: 2h, at_risk: 100%", "expected a share below 100%"),
        ("first_response: 2h", "first_response: 2 hours", "expected a duration like 15m"),
        ("calendar: office, first_response: 2h", "calendar: office", "expected a target"),
        ("holidays: BG", "holidays: BULGARIA", "expected a country like RU"),
        ("holidays: BG", "holidays: [BG, DE-XX]", "expected a country like RU"),
        ("holidays: BG", 'holidays: [BG, "2026-02-30"]', "bad date"),
        ("mon-fri", "mon-fry", "did you mean"),
        ('mon-fri: "09', 'fri: "10:00-11:00", mon-fri: "09', "`fri` stands again"),
        ("09:00-18:00", "9-18", "bad time"),
        ("Europe/Sofia, weekly: {mon-fri", "Europe/Sofja, weekly: {mon-fri", "unknown time zone"),
        ("  night:", "  always:", "`always` is built in"),
        ("{languages: [ru], skills", "{languages: [ru], skils", "did you mean `skills`?"),
        ("capacity: 8", "capacity: 0", "capacity"),
        ("  anna: {", "  borris: {}\n  anna: {", "did you mean `boris`?"),
        ("{languages: [ru], skills: [cards], seniority: senior", "{skills: [cards]", "a senior"),
        ("skills: [cards], sla", "skills: [crads], sla", "has the skill `crads`, did you mean"),
        ("  else: {", "  safety: {", "nobody is responsible for billing_payment"),
        ("fraud_security: {answers", "fraud_securty: {answers", "did you mean `fraud_security`?"),
        ("informs: [care]", "informs: [caer]", "did you mean `care`?"),
        (
            "{answers: fraud, decides: fraud, inf",
            "{answers: care, decides: care, inf",
            "`care` decides",
        ),
        ("id: stolen\n", "id: Stolen Money\n", "$.rules[0].id"),
        ("urgency: 80}", "urgancy: 80}", "did you mean `urgency`?"),
        ("gives: {rule: rest}", "gives: {rule: stolen}", "the test expects rule `stolen`"),
        ("urgency: 80}", "urgency: 8}", "`stolen` has no test that reaches it"),
        ("policy: small", "policy: small\nchannels: [slack, pagr]", "did you mean `pagr`?"),
        ("sla: calm}", "sla: calm, template: x}", "expected none, none is named"),
        ("sla: calm}", "sla: calm, alert: nwo}", "did you mean `now`?"),
        ("sla: calm}", "sla: calm, suggestion: corect_facts}", "did you mean `correct_facts`?"),
        ("sla: calm}", "sla: calm, sinority: senior}", "did you mean `seniority`?"),
    ],
)
def test_an_error_says_where_and_what_was_expected(old: str, new: str, says: str) -> None:
    assert old in SMALL
    found = problems(SMALL.replace(old, new, 1))

    assert any(says in line for line in found), found


def test_a_problem_stands_at_its_line_and_column() -> None:
    bad = SMALL.replace('urgency: ">= 60"', 'urgancy: ">= 60"')

    (found,) = [line for line in problems(bad) if "urgancy" in line]

    line, column, path, why = found.split(":", maxsplit=3)
    assert bad.splitlines()[int(line) - 1][int(column) - 1 :].startswith("urgancy")
    assert path.strip() == "$.rules[0].when.urgancy"
    assert "did you mean `urgency`?" in why


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    bad = SMALL.replace("team: care, sla", "team: crae, sla", 1)
    bad = bad.replace("first_response: 2h", "first_response: soon").replace(
        "decides: fraud}", "decides: x}"
    )

    lines = [int(line.partition(":")[0]) for line in problems(bad)]

    assert len(lines) == 3
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("narrow", "facts"),
    [
        ("{topic: fraud_security, urgency: '>= 60'}", "{topic: fraud_security, urgency: 70}"),
        ("{topic: fraud_security, urgency: '70..80'}", "{topic: fraud_security, urgency: 70}"),
        ("{urgency: 99, topic: fraud_security, rude: true}", "{topic: fraud_security}"),
    ],
)
def test_a_rule_behind_a_wider_one_is_unreachable(narrow: str, facts: str) -> None:
    behind = with_rule(narrow, CASE, facts).split("  - id: rest\n")
    front = behind[0].index("  - id: front")
    stolen = behind[0].index("  - id: stolen")
    moved = behind[0][:front] + behind[0][stolen:] + behind[0][front:stolen] + "  - id: rest\n"

    found = problems(moved + behind[1])

    assert any("unreachable: `stolen` stands before it" in line for line in found), found


@pytest.mark.parametrize(
    ("wide", "reached"),
    [
        ("", False),
        ("    mode: monitor", True),
        ("    mode: expired", True),
        ("    until: '2026-12-31'", True),
    ],
)
def test_a_wider_rule_hides_only_while_it_decides(
    wide: str,
    reached: bool,  # noqa: FBT001 - a table
) -> None:
    before = with_rule(
        "{topic: fraud_security}",
        CASE.replace("care", "fraud"),
        "{topic: fraud_security, at: '2026-01-01T00:00:00Z'}",
        more=wide,
    ).replace("urgency: 80}", "urgency: 80, at: '2027-01-01T00:00:00Z'}")

    if reached:
        assert [rule.id for rule in read_policy(before).rules] == ["front", "stolen", "rest"]
    else:
        assert any("unreachable: `front` stands before it" in one for one in problems(before))


@pytest.mark.parametrize("more", ["    mode: monitor\n", "    until: '2026-12-31'\n"])
def test_the_last_rule_is_there_for_good(more: str) -> None:
    found = problems(SMALL.replace("an owner.\n", "an owner.\n" + more))

    assert any("nothing stays unrouted" in line for line in found), found


@pytest.mark.parametrize("until", ["31.12.2026", "2026-02-30", "2026-12-31T00:00:00Z", "soon"])
def test_an_end_is_a_day(until: str) -> None:
    found = problems(SMALL.replace("account.\n", f'account.\n    until: "{until}"\n'))

    assert any("expected a day like 2026-12-31" in line for line in found), found


@pytest.mark.parametrize("language", ["[ru, de]", "{not: [ru, de]}"])
def test_a_language_that_no_team_speaks_is_named(language: str) -> None:
    found = problems(with_rule(f"{{lang: {language}}}", CASE, "{lang: ru}"))

    assert any("no team speaks `de`" in line for line in found), found


def test_what_could_not_be_read_is_not_judged_as_if_it_were_not_there() -> None:
    found = problems(with_rule("{rde: true}", CASE, "{rude: true}"))

    assert len(found) == 1
    assert "did you mean `rude`?" in found[0]


def test_the_compiled_policy_has_ladders_people_and_shares_to_announce() -> None:
    policy = read_policy(SMALL)

    ladder = [(step.share, step.to) for step in policy.teams["fraud"].ladder]
    assert ladder == [(0.75, "lead"), (1.0, "manager"), (1.5, "director")]
    assert policy.sla["calm"].thresholds == (0.75, 1.0, 1.5)
    assert policy.people["anna"].seniority == "senior"
    assert (policy.people["anna"].languages, policy.people["anna"].capacity) == (("ru",), 8)
    boris = policy.people["boris"]
    assert (boris.languages, boris.skills, boris.capacity) == (("ru", "en"), (), 10)
    assert policy.responsibilities["fraud_security"].informs == ("care",)


def test_every_clock_may_be_promised() -> None:
    clocks = "silence: 1d, promise: 1h, ack: 10m, private: 30m, next_response: 1h, closing: 2d"
    targets = read_policy(SMALL.replace("first_response: 2h", clocks)).sla["calm"].targets

    assert (targets.silence, targets.promise, targets.ack) == (86_400, 3600, 600)
    assert (targets.private, targets.closing, targets.first_response) == (1800, 172_800, None)


@pytest.mark.parametrize("lang", ["ru", "bg", "en"])
def test_a_rehearsal_without_its_channel_is_refused_with_line_and_path(lang: str) -> None:
    text = REHEARSAL.format(lang=lang, live="false")
    here = Installed(channels=("chat",), replies=typical_replies())

    with pytest.raises(BadFile) as refused:
        checked(text, here)

    (problem,) = refused.value.problems
    assert (problem.line, problem.path) == (6, "$.alerting.test_channel")
    assert "a channel that CHANNELS has (chat), got `drills`" in problem.why
    checked(text, Installed(channels=("chat", "drills"), replies=typical_replies()))
    checked(REHEARSAL.format(lang=lang, live="true"), here)
