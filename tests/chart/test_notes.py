"""Does the post of NOTES.txt become the ticket that they tell to expect?

Three inputs that break the easy version: the default policy changes; the body is no longer what the
platform reads; the model judges it otherwise.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

from schemas.classified import ClassifiedPost
from schemas.event import encode
from schemas.posts import SocialPost
from services.classify.domain.classify import classify, text_of, whys_of
from services.classify.domain.opinion import Judged
from services.classify.model_files import read_minds
from services.classify.settings import MODEL, read_lexicons
from services.ingest.domain.brands import Account
from services.ingest.domain.place import alone
from services.ingest.domain.receipt import Delivery, Seen
from services.ingest.platforms.table import read
from services.ingest.plugins import platforms
from services.route.domain.policy_file import read_policy
from services.route.domain.rows import asked, decided
from tests.chart.rendering import helm_install

POLICY = Path("services/route/policy/default.yaml")
AT = datetime(2026, 12, 1, 10, tzinfo=UTC)


def test_the_post_of_the_notes_gives_the_ticket_of_the_notes() -> None:
    notes = helm_install("minimal")
    body = re.search(r"BODY='(.*)'", notes)
    told = re.search(r"gives rule (\S+), (\S+), team (\S+), priority (\S+), sla (\S+):", notes)
    assert body, notes
    assert told, notes
    event = _classified(_post(body[1].encode()))
    policy = read_policy(POLICY.read_text("utf-8"))
    (row,) = asked([encode(event)], policy)
    answer = decided(row, policy)
    fields = ("rule", "disposition", "team", "priority", "sla")
    assert told.groups() == tuple(str(answer[name]) for name in fields)


def test_the_notes_say_what_is_not_set_yet() -> None:
    assert "nobody may call route's API" in helm_install("minimal")
    without = helm_install("minimal", "--set", "secrets.ingest.existingSecret=")
    assert "ERASURE_KEY is not set" in without
    assert "ERASURE_KEY" not in helm_install("minimal")


def _post(body: bytes) -> SocialPost:
    account = Account(
        brand="shop", source="generic", id="shop", channel_role="service", own_ids=frozenset({"s"})
    )
    platform = platforms()["generic"]
    (native,) = platform.split(Delivery(headers={}, query={}, body=body))
    post = read(platform, native, Seen(account=account, received_at=AT))
    assert isinstance(post, SocialPost), post
    return alone(post)


def _classified(post: SocialPost) -> ClassifiedPost:
    lexicons = read_lexicons()
    judge = read_minds(MODEL, lexicons).judge
    text = text_of(post)
    judged = Judged(text=text, judgement=judge.judge(text, post.lang), model=judge.model)
    return ClassifiedPost(
        event_id="classified",
        cause_id=post.event_id,
        occurred_at=post.occurred_at,
        post=post,
        classification=classify(post, judged, whys_of(lexicons)),
    )
