"""The trail of commands, overrides as labels, and versions of the policy, on both databases.

The inputs that break the easy version: a customer who is forgotten after an override; a lead of one
brand who puts a policy for all; a policy that fails its own tests.
"""

from typing import Any

import httpx

from schemas.posts import Author
from schemas.topics import ERASURES
from schemas.vocabulary import Intent
from tests.builders import a_classified, a_post, a_record
from tests.integration.route_calls import a_ticket, ask, command, route, wish
from tests.integration.test_route_on_its_store import TEXT, Running
from tests.tokens import bearing

__all__ = ["route"]


async def test_the_trail_says_who_when_why_and_what_changed(route: Running) -> None:
    ticket = await a_ticket(route)
    await command(route, "vera", ticket, "claim")
    await command(route, "lena", ticket, "hand-over", 2, team="fraud", reason="a stolen card")

    (newest, first) = (await ask(route, "aud", "/v1/audit", ticket=ticket.id)).json()

    assert (first["command"], first["by"], first["version"]) == ("claimed", "vera", 2)
    assert (newest["by"], newest["reason"]) == ("lena", "a stolen card")
    assert newest["changed"]["team"] == [ticket.team, "fraud"]
    assert (await ask(route, "vera", "/v1/audit")).status_code == 403
    assert (await ask(route, "shop", "/v1/audit")).json() == []


async def test_an_override_is_exported_as_a_label_of_the_customers_last_post(
    route: Running,
) -> None:
    ticket = await a_ticket(route)
    await route.take(a_classified(a_post("p2", thread_id="p1"), intent=Intent.question))
    version = route.changes()[-1].ticket.version
    done = await command(
        route,
        "lena",
        ticket,
        "override",
        version,
        disposition="no_reply_unresolvable",
        reason="nothing can be done",
    )
    assert done.status_code == 200

    lines = (await ask(route, "boss", "/v1/corrections")).text.splitlines()

    assert len(lines) == 1
    assert '"id":"p2"' in lines[0]
    assert '"disposition":"no_reply_unresolvable"' in lines[0]
    assert f'"was_disposition":"{ticket.disposition}"' in lines[0]


async def test_what_a_person_put_right_is_counted_by_axis_and_language_once(
    route: Running,
) -> None:
    ticket = await a_ticket(route)
    both: dict[str, Any] = {"urgency": 99, "disposition": "thank", "reason": "a journalist"}
    first = await command(route, "lena", ticket, "override", **both)
    again = await command(route, "lena", ticket, "override", 2, urgency=98, reason="less")
    stale = await command(route, "lena", ticket, "override", 1, urgency=1, reason="too late")

    assert [first.status_code, again.status_code, stale.status_code] == [200, 200, 409]
    counted = {
        (sample.labels["axis"], sample.labels["lang"]): sample.value
        for family in route.metrics.corrections.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }
    assert counted == {("disposition", "ru"): 1, ("urgency", "ru"): 2}


async def test_a_label_of_a_forgotten_customer_is_gone_and_the_trail_stays(route: Running) -> None:
    author = Author(id="anna", hash="a" * 64)
    ticket = await a_ticket(route, author=author)
    done = await command(route, "lena", ticket, "override", urgency=99, reason="a journalist")
    assert done.status_code == 200

    await route.broker([a_record(wish("a" * 64), topic=ERASURES.name)])
    await route.pump.run_until_idle()

    assert (await ask(route, "boss", "/v1/corrections")).text == ""
    assert len((await ask(route, "aud", "/v1/audit")).json()) == 1


async def test_a_policy_is_put_by_a_lead_of_all_brands_and_only_if_it_is_fit(
    route: Running,
) -> None:
    second = TEXT.replace("policy: default", "policy: second")
    wrong = second.replace("team: fraud", "team: frod")
    strange = second.replace("people:\n", "templates: {fee: why a fee}\npeople:\n", 1)

    async def put(who: str, text: str) -> httpx.Response:
        return await route.http.post("/v1/policies", headers=bearing(who), content=text.encode())

    away = second.replace("{timezone: ", "{holidays: [RU, days.ics], timezone: ", 1)

    refused, unsaid = await put("boss", wrong), await put("boss", strange)
    beside = await put("boss", away)
    answers = [await put(who, second) for who in ("vera", "lena", "boss")]

    assert refused.status_code == 422
    assert "frod" in refused.json()["errors"][0]["why"]
    assert refused.json()["errors"][0]["line"] > 1
    assert (unsaid.status_code, unsaid.json()["errors"][0]["path"]) == (422, "$.templates.fee")
    assert beside.status_code == 422
    assert "an upload cannot" in beside.json()["errors"][0]["why"]
    assert [answer.status_code for answer in answers] == [403, 403, 201]
    (running,) = (await ask(route, "aud", "/v1/policies")).json()
    assert running["author"] == "boss"
    full = (await ask(route, "aud", f"/v1/policies/{running['seq']}")).json()
    assert full["text"] == second
    assert (await ask(route, "aud", "/v1/policies/999")).status_code == 404
