"""Who does the work? Teams, duty, ladders, people and responsibilities of the file, compiled."""

from collections.abc import Iterator, Mapping

from schemas.vocabulary import CaseTopic
from schemas.yaml_marks import did_you_mean
from services.route.domain.calendars import OPEN, Hold
from services.route.domain.conditions import Values
from services.route.domain.findings import Findings
from services.route.domain.policy import Person, Policy, Responsibility
from services.route.domain.promises import read_share, read_span
from services.route.domain.spec import DutySpec, PolicySpec, TeamSpec
from services.route.domain.teams import Duty, Rung, Step, Team

OTHERWISE = "otherwise"
"""Of a duty: whenever nobody of the team's other duties is there."""
ELSE = "else"
"""The entry of ``responsibilities`` for all topics that it does not name."""

_TOPICS = [topic.value for topic in CaseTopic if topic is not CaseTopic.unknown]


def read_teams(spec: PolicySpec, holds: Mapping[str, Hold], findings: Findings) -> dict[str, Team]:
    """Every team by its name."""
    channels = list(spec.channels)
    for name, team in spec.teams.items():
        if channels:
            findings.known(f"$.teams.{name}.alerts", team.alerts, channels)
        if not team.languages:
            findings.wrong(f"$.teams.{name}.languages", "expected at least one language")
        if not team.duty:
            findings.wrong(f"$.teams.{name}.duty", "expected a duty: nobody would answer")
    return {name: _team(name, spec, holds, findings) for name in spec.teams}


def read_people(spec: PolicySpec, findings: Findings) -> dict[str, Person]:
    """Everybody on any duty and everybody whom the file describes, defaults filled in."""
    teams: dict[str, list[TeamSpec]] = {}
    for team in spec.teams.values():
        for name in {person for duty in team.duty for person in duty.people}:
            teams.setdefault(name, []).append(team)
    for name in spec.people.keys() - teams.keys():
        if hint := did_you_mean(name, sorted(teams.keys() - spec.people.keys())):
            findings.wrong(f"$.people.{name}", f"expected somebody on a duty, got `{name}`{hint}")
    found = {}
    for name in sorted(teams.keys() | spec.people.keys()):
        spoken = tuple(dict.fromkeys(one for team in teams.get(name, ()) for one in team.languages))
        said = spec.people.get(name)
        found[name] = Person(
            name=name,
            languages=(said.languages if said else ()) or spoken,
            skills=said.skills if said else (),
            seniority=said.seniority if said else None,
            capacity=said.capacity if said else 10,
        )
    return found


def read_responsibilities(spec: PolicySpec, findings: Findings) -> dict[str, Responsibility]:
    """Who answers, decides and is told, by topic; each team of it is known, no topic an orphan."""
    known = [*_TOPICS, ELSE]
    for topic, one in spec.responsibilities.items():
        path = f"$.responsibilities.{topic}"
        findings.known(path, topic, known)
        findings.known(f"{path}.answers", one.answers, spec.teams)
        findings.known(f"{path}.decides", one.decides, spec.teams)
        for n, team in enumerate(one.informs):
            findings.known(f"{path}.informs[{n}]", team, spec.teams)
    orphans = [topic for topic in _TOPICS if topic not in spec.responsibilities]
    if spec.responsibilities and orphans and ELSE not in spec.responsibilities:
        why = f"nobody is responsible for {', '.join(orphans)}: name them or add `{ELSE}`"
        findings.wrong("$.responsibilities", why)
    return {
        topic: Responsibility(answers=one.answers, decides=one.decides, informs=one.informs)
        for topic, one in spec.responsibilities.items()
    }


def check_staff(policy: Policy, findings: Findings) -> None:
    """Can each rule's team do what the rule asks of it, and is the matter its own?"""
    spoken = {language for team in policy.teams.values() for language in team.languages}
    for n, rule in enumerate(policy.rules):
        path, then = f"$.rules[{n}]", rule.then
        for one in rule.matchers:
            if isinstance(one, Values) and one.field == "lang":
                for language in sorted(one.values - spoken):
                    why = f"no team speaks `{language}`{did_you_mean(language, sorted(spoken))}"
                    findings.wrong(f"{path}.when.lang", f"expected a language of a team: {why}")
            if isinstance(one, Values) and one.field == "topic" and len(one.values) == 1:
                _own_matter(f"{path}.then.team", policy, min(one.values), then.team, findings)
        if then.team in policy.teams:
            for why in _lacking(policy, policy.teams[then.team], then.skills, then.seniority):
                findings.wrong(f"{path}.then", why)


def _own_matter(
    path: str, policy: Policy, topic: str, team: str | None, findings: Findings
) -> None:
    duties = policy.responsibilities.get(topic, policy.responsibilities.get(ELSE))
    if team and duties and team not in {duties.answers, duties.decides}:
        who = f"`{duties.answers}` answers and `{duties.decides}` decides"
        findings.wrong(path, f"expected who is responsible for {topic}: {who}, got `{team}`")


def _lacking(
    policy: Policy, team: Team, skills: tuple[str, ...], seniority: str | None
) -> Iterator[str]:
    names = {person for duty in team.duty for person in duty.people}
    people = [policy.people[name] for name in sorted(names)]
    known = sorted({*team.skills, *(skill for person in people for skill in person.skills)})
    for skill in skills:
        if skill not in known:
            yield f"nobody of `{team.name}` has the skill `{skill}`{did_you_mean(skill, known)}"
    if seniority and not any(person.seniority == seniority for person in people):
        yield f"expected a senior in team `{team.name}`: mark one under `people`"


def _team(name: str, policy: PolicySpec, holds: Mapping[str, Hold], findings: Findings) -> Team:
    path, spec = f"$.teams.{name}", policy.teams[name]
    steps = [
        Step(share=share, to=to)
        for said, to in spec.ladder.items()
        if (share := read_share(f"{path}.ladder.{said}", said, findings)) is not None
    ]
    return Team(
        name=name,
        languages=spec.languages,
        title=spec.title or name,
        skills=spec.skills,
        duty=tuple(
            Duty(
                hold=holds.get(duty.during, OPEN),
                people=duty.people,
                weekly=duty.rotate == "weekly",
                otherwise=duty.during == OTHERWISE,
            )
            for n, duty in enumerate(spec.duty)
            if _is_duty(f"{path}.duty[{n}]", duty, holds, findings)
        ),
        channel=spec.alerts,
        ladder=tuple(sorted(steps, key=lambda step: step.share)),
        chain=_chain(f"{path}.unacknowledged", policy, spec, findings),
    )


def _chain(path: str, policy: PolicySpec, spec: TeamSpec, findings: Findings) -> tuple[Rung, ...]:
    """Who is called next; a role that is no team is reached where the team itself is."""
    rungs = [
        Rung(
            after=read_span(f"{path}.{said}", said, findings),
            to=to,
            channel=policy.teams[to].alerts if to in policy.teams else spec.alerts,
        )
        for said, to in spec.unacknowledged.items()
    ]
    return tuple(sorted(rungs, key=lambda rung: rung.after))


def _is_duty(path: str, spec: DutySpec, holds: Mapping[str, Hold], findings: Findings) -> bool:
    for name in sorted({name for name in spec.people if spec.people.count(name) > 1}):
        findings.wrong(f"{path}.people", f"expected each person once, `{name}` stands again")
    if not spec.people:
        what = "a weekly rotation of nobody" if spec.rotate else "a duty of nobody"
        findings.wrong(f"{path}.people", f"expected at least one person, got {what}")
    return findings.known(f"{path}.during", spec.during, (*holds, OTHERWISE))
