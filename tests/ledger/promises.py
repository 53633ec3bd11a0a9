"""What every run of the pipeline has to end in, whatever happened to it meanwhile.

Nothing lost, nothing invented, no output computed twice, every clock as a pencil has it.
"""

from collections import Counter
from collections.abc import Sequence

from schemas.posts import Case
from schemas.topics import DECISIONS, SLA, TICKETS
from services.route.domain.ticket import ticket_id
from tests.clock_oracle import Run
from tests.ledger.fight import Fought
from tests.ledger.naive import Said, episodes, overdue, runs, terms_of
from tests.ledger.story import REOPEN_WITHIN, START, Story
from tests.processes import by_id

ENDINGS = {"met", "cancelled", "breached"}
NAMED = ("ticket_id", "clock", "cycle", "state", "threshold", "corrects")
WITNESSED = (DECISIONS, TICKETS, SLA)


class Promises:
    """The suite; whoever takes it over has a fixture ``fought``, a run that is over."""

    def test_every_process_ends_when_it_is_asked_to(self, fought: Fought) -> None:
        assert set(fought.codes.values()) == {0}

    def test_every_accepted_revision_has_exactly_one_decision(self, fought: Fought) -> None:
        decisions = fought.found.events(DECISIONS, "Decision").values()
        decided = Counter((d["brand"], d["post_id"], d["revision"]) for d in decisions)

        assert decided == Counter(fought.accepted.revisions)

    def test_every_case_has_one_ticket_per_episode(self, fought: Fought) -> None:
        tickets = fought.found.route_tickets.values()
        opened = Counter((t.brand, t.case.thread, t.case.customer, t.episode) for t in tickets)

        expected = [
            (story.brand.name, story.thread, story.customer, number)
            for story in fought.told
            if story.terms
            for number, _ in enumerate(of_episodes(fought, story), start=1)
        ]
        assert opened == Counter(expected)
        assert any(number == 2 for *_, number in expected)

    def test_every_poison_record_is_one_dead_letter(self, fought: Fought) -> None:
        letters = fought.found.letters()

        assert Counter((one["service"], one["reason"]) for one in letters) == {
            ("ingest", "not_json"): 2,
            ("ingest", "wrong_shape"): 1,
            ("classify", "not_json"): 1,
            ("route", "not_json"): 1,
            ("notify", "not_json"): 1,
        }
        assert all(one["value"] for one in letters)

    def test_what_was_sent_twice_is_the_same_bytes(self, fought: Fought) -> None:
        for topic in WITNESSED:
            copies = by_id(fought.found.records[topic.name])
            differ = [sorted(values) for values in copies.values() if len(values) > 1]
            assert differ == [], f"{topic.name}: {len(differ)} events have two forms"

    def test_versions_have_no_gaps_and_both_stores_hold_the_last(self, fought: Fought) -> None:
        versions: dict[str, list[int]] = {}
        for event in fought.found.events(TICKETS, "TicketEvent").values():
            versions.setdefault(event["ticket"]["id"], []).append(event["ticket"]["version"])

        last = {name: max(found) for name, found in versions.items()}
        assert {name: sorted(found) for name, found in versions.items()} == {
            name: list(range(1, number + 1)) for name, number in last.items()
        }
        assert {t.id: t.version for t in fought.found.route_tickets.values()} == last
        assert fought.found.notify_versions == last
        assert fought.found.outbox == 0

    def test_every_clock_is_as_a_pencil_computes_it(self, fought: Fought) -> None:
        for story in fought.told:
            for number, episode in enumerate(of_episodes(fought, story), start=1):
                if story.terms:
                    found = fought.found.clocks.get(ticket_of(story, number), [])
                    assert set(found) == set(runs(episode, terms_of(story.terms))), story.steps

    def test_what_was_announced_is_what_became_true(self, fought: Fought) -> None:
        told = announced(fought)
        for story in fought.told:
            for number, episode in enumerate(of_episodes(fought, story), start=1):
                for run in runs(episode, terms_of(story.terms)) if story.terms else ():
                    states = told.pop((ticket_of(story, number), run.clock, run.cycle), set())
                    assert states in expected(run, story, fought), (states, run, story.steps)
        assert told == {}, "nothing is announced of a clock that never ran"

    def test_a_lost_store_is_made_again_as_it_was(self, fought: Fought) -> None:
        assert fought.rebuilt == fought.found.notify_rows


def announced(fought: Fought) -> dict[tuple[str, str, int], set[str]]:
    """What subscribers hold to be true of each clock: endings and breaches that stand."""
    events = fought.found.events(SLA, "SlaChanged").values()
    once = Counter(tuple(event.get(name) for name in NAMED) for event in events)
    assert set(once.values()) == {1}
    corrected = {event.get("corrects") for event in events}
    found: dict[tuple[str, str, int], set[str]] = {}
    for event in events:
        states = found.setdefault((event["ticket_id"], event["clock"], event["cycle"]), set())
        if event["state"] in ENDINGS and event["event_id"] not in corrected:
            states.add(event["state"])
    return found


def expected(run: Run, story: Story, fought: Fought) -> Sequence[set[str]]:
    """What may stand: one thing, but for a clock that runs out while the fight goes on."""
    if run.state != "open":
        return [{run.state}]
    terms = terms_of(story.terms or "")
    before, after = (overdue(run, terms, at) for at in (START, fought.ended))
    return [{"breached"} if late else set() for late in {before, after}]


def of_episodes(fought: Fought, story: Story) -> list[list[Said]]:
    """A story's steps as they were accepted, in time, an episode each."""
    return episodes(fought.accepted.said[story.number], REOPEN_WITHIN)


def ticket_of(story: Story, episode: int) -> str:
    """The id of a story's ticket."""
    case = Case(brand=story.brand.name, thread=story.thread, customer=story.customer)
    return ticket_id(case, episode)
