"""The shipped policy decides as its owner says, and no rule of it can be changed unnoticed.

The inputs that break the easy version: a typo in a field name, a rule that nothing reaches, and a
mutant that swaps one team.
"""

from pathlib import Path

import msgspec
import pytest

from schemas.decisions import Facts
from schemas.vocabulary import Addressed, Disposition, Intent, Tone
from schemas.yaml_marks import BadFile
from services.route.domain.decide import matching
from services.route.domain.policy_file import read_policy
from tests.policy.small import problems

TEXT = Path("services/route/policy/default.yaml").read_text(encoding="utf-8")
SMALL = """
policy: small
sla: {calm: {first_response: 2h}}
teams: {care: {languages: [ru], duty: [{during: always, people: [vera]}], alerts: x}}
rules:
  - id: question
    why: Questions are answered.
    when: {addressed: direct, intent: question}
    then: {disposition: answer_here, team: care, sla: calm}
    tests:
      - post: "Когда?"
        facts: {addressed: direct, intent: question}
        gives: {rule: question, disposition: answer_here, team: care, sla: calm}
      - {post: "Ок", facts: {}, gives: {rule: rest}}
  - id: rest
    why: Nothing stays without an owner.
    then: {disposition: human_review, team: care, sla: calm}
    tests:
      - post: "???"
        facts: {}
        gives: {rule: rest, disposition: human_review, team: care, sla: calm}
"""


def test_the_shipped_policy_passes_its_own_tests() -> None:
    assert len(read_policy(TEXT).rules) >= 10


def test_a_small_policy_is_whole() -> None:
    assert [rule.id for rule in read_policy(SMALL).rules] == ["question", "rest"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("intent: question}\n    then", "intnet: question}\n    then", "did you mean `intent`?"),
        ("intent: question}\n    then", "intent: qestion}\n    then", "did you mean `question`?"),
        ("answer_here, team: care", "answer_here, team: crae", "expected one of care, got `crae`"),
        ("first_response: 2h", "first_response: 2", "first_response"),
        ("first_response: 2h", "first_response: 2 hours", "expected a duration like 15m"),
        ("  - id: rest", "  - id: question", "expected each id once"),
    ],
)
def test_an_error_says_where_and_what_was_expected(old: str, new: str, says: str) -> None:
    assert old in SMALL

    found = problems(SMALL.replace(old, new, 1))

    assert any(says in line for line in found), found


def test_an_unknown_key_is_named_with_its_line() -> None:
    found = problems(SMALL.replace("    why: Questions", "    wy: Questions", 1))

    assert found[0].startswith("7:"), found
    assert "did you mean `why`?" in found[0]


def test_the_clock_time_of_day_stays_text() -> None:
    calendar = "calendars: {o: {timezone: Europe/Sofia, weekly: {mon: 18:00-20:00}}}\nsla"

    policy = read_policy(SMALL.replace("\nsla", "\n" + calendar, 1))

    assert policy.name == "small"


def test_a_key_that_stands_twice_is_refused() -> None:
    found = problems(SMALL + "policy: again\n")

    assert "expected each key once" in found[0]


def test_a_policy_without_a_last_rule_is_refused() -> None:
    found = problems(SMALL[: SMALL.index("  - id: rest")])

    assert any("nothing stays unrouted" in line for line in found)


def test_a_rule_behind_one_that_matches_everything_is_unreachable() -> None:
    swapped = SMALL.replace("    when: {addressed: direct, intent: question}\n", "")

    assert any("unreachable" in line for line in problems(swapped))


def test_a_rule_without_tests_is_refused() -> None:
    start = SMALL.index("    tests:")
    end = SMALL.index("  - id: rest")

    found = problems(SMALL[:start] + SMALL[end:])

    assert any("`question` has no test that reaches it" in line for line in found)


@pytest.mark.parametrize("silence", ["listen", "ignore_spam", "none", "no_reply_insult"])
def test_no_rule_may_silence_a_direct_request(silence: str) -> None:
    found = problems(SMALL.replace("disposition: answer_here", f"disposition: {silence}", 1))

    assert any("could silence a direct request" in line for line in found)


@pytest.mark.parametrize("word", ["delete", "hide", "remove"])
def test_deletion_is_not_expressible_even_when_the_test_agrees(word: str) -> None:
    found = problems(SMALL.replace("disposition: answer_here", f"disposition: {word}"))

    assert any("cannot be written down" in line for line in found)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("answer_here, team", "answer_here, alert: nwo, team", "did you mean `now`?"),
        ("answer_here, team", "answer_here, priority: critcal, team", "did you mean `critical`?"),
        ("disposition: answer_here", "disposition: unknown", "expected one of answer_here"),
    ],
)
def test_a_word_that_nobody_knows_is_refused(old: str, new: str, says: str) -> None:
    found = problems(SMALL.replace(old, new))

    assert any(says in line for line in found), found


def test_a_typo_in_what_follows_is_suggested_too() -> None:
    found = problems(SMALL.replace("disposition: answer_here", "dispositon: answer_here", 1))

    assert any("did you mean `disposition`?" in line for line in found), found


def test_every_single_team_and_disposition_mutant_of_the_shipped_policy_is_caught() -> None:
    lines = TEXT.splitlines()
    mutants = [
        "\n".join([*lines[:n], mutated, *lines[n + 1 :]])
        for n, line in enumerate(lines)
        if line.strip().startswith("then:")
        for mutated in (_other_team(line), _other_disposition(line))
        if mutated != line
    ]

    missed = [n for n, mutant in enumerate(mutants) if not _is_refused(mutant)]

    assert len(mutants) > 15
    assert missed == []


@pytest.mark.parametrize(("lang", "post"), [("ru", "груб"), ("bg", "груб"), ("en", "rude")])
def test_rude_and_fair_beats_rude_in_every_language(lang: str, post: str) -> None:
    policy = read_policy(TEXT)
    rude = Facts(
        lang=lang,
        addressed=Addressed.direct,
        intent=Intent.complaint,
        tone=Tone.negative,
        rude=True,
    )

    fair = matching(policy, msgspec.structs.replace(rude, fair_claim=True))
    unfair = matching(policy, rude)

    assert fair.then.disposition is Disposition.public_ack_then_private, post
    assert unfair.then.disposition is Disposition.no_reply_insult, post


def _other_team(line: str) -> str:
    for team, other in (("care", "fraud"), ("fraud", "care"), ("lead", "care")):
        if f"team: {team}" in line:
            return line.replace(f"team: {team}", f"team: {other}", 1)
    return line


def _other_disposition(line: str) -> str:
    start = line.index("disposition: ") + len("disposition: ")
    word = line[start:].split(",", maxsplit=1)[0].split("}", maxsplit=1)[0]
    other = "thank" if word != "thank" else "human_review"
    return line.replace(f"disposition: {word}", f"disposition: {other}", 1)


def _is_refused(text: str) -> bool:
    try:
        read_policy(text)
    except BadFile:
        return True
    return False
