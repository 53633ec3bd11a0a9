"""A whole policy of two rules, to change one thing in it, and what is said of a bad one."""

import pytest

from schemas.yaml_marks import BadFile
from services.route.domain.policy_file import read_policy

SMALL = """
policy: small
calendars:
  office: {timezone: Europe/Sofia, weekly: {mon-fri: "09:00-18:00"}, holidays: BG}
  night: {timezone: Europe/Sofia, weekly: {mon-sun: "18:00-09:00"}}
sla:
  calm: {calendar: office, first_response: 2h}
people:
  anna: {languages: [ru], skills: [cards], seniority: senior, capacity: 8}
teams:
  care: {languages: [ru, bg], duty: [{during: always, people: [vera]}], alerts: slack}
  fraud:
    languages: [ru, en]
    skills: [refunds]
    duty: [{during: office, people: [anna, boris], rotate: weekly}]
    alerts: pager
    ladder: {100%: manager, 75%: lead, 150%: director}
responsibilities:
  fraud_security: {answers: fraud, decides: fraud, informs: [care]}
  else: {answers: care, decides: fraud}
rules:
  - id: stolen
    why: Money is leaving the account.
    when: {topic: fraud_security, urgency: ">= 60"}
    then: {disposition: answer_here, team: fraud, seniority: senior, skills: [cards], sla: calm}
    tests:
      - post: "Украли карту!"
        facts: {topic: fraud_security, urgency: 80}
        gives: {rule: stolen, disposition: answer_here, team: fraud, seniority: senior, sla: calm}
      - {post: "Ок", facts: {}, gives: {rule: rest}}
  - id: rest
    why: Nothing stays without an owner.
    then: {disposition: human_review, team: care, sla: calm}
    tests:
      - post: "???"
        facts: {}
        gives: {rule: rest, disposition: human_review, team: care, sla: calm}
"""

RULE = """
  - id: {id}
    why: A rule of a test.
    when: {when}
    then: {then}
{more}
    tests:
      - {{post: "Так", facts: {facts}, gives: {{rule: {id}}}}}
      - {{post: "Не так", facts: {misses}, gives: {{rule: {missed}}}}}
"""


def problems(text: str) -> list[str]:
    """All that is wrong with a policy, as a person reads it."""
    with pytest.raises(BadFile) as caught:
        read_policy(text)
    return [f"{p.line}:{p.column}: {p.path}: {p.why}" for p in caught.value.problems]


def with_rule(when: str, then: str, facts: str, *, more: str = "", misses: str = "{}") -> str:
    """The small policy with one more rule in front; ``misses`` are facts of the last rule."""
    rule = RULE.format(
        id="front", when=when, then=then, facts=facts, misses=misses, missed="rest", more=more
    )
    return SMALL.replace("rules:\n", "rules:" + rule, 1)
