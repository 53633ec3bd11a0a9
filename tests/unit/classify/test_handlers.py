# Four inputs that break the easy version:
# 1. a tombstone that still carries the old text: it must not be judged again;
# 2. the brand's own reply: judged as a post and reviewed as a reply;
# 3. the same batch twice, after a restart: every byte the same, or the ledger downstream sees news.
# 4. a canary: it is a post like any other, and no business.
"""What does classify publish for a batch?"""

from prometheus_client import CollectorRegistry, generate_latest

from schemas.classified import ClassifiedPost
from schemas.event import CANARY, PipelineTick, derive_id
from schemas.posts import SocialPost
from schemas.vocabulary import Op, ReplyKind
from tests.builders import MONDAY, a_post, a_reply
from tests.unit.classify.batches import TRACE, batch, event_of, handler
from tests.unit.classify.judging import meaning


async def published(post: SocialPost) -> ClassifiedPost:
    """What is published for one post."""
    [output] = await handler().handle([batch(post)], None)
    return event_of(output)


async def test_every_post_becomes_one_event_on_its_own_partition() -> None:
    post = a_post()

    [output] = await handler().handle([batch(post)], None)

    headers = dict(output.headers)
    assert (output.topic, output.partition, output.key) == ("classified.v1", 5, b"severbank:wall-1")
    assert output.event_id == derive_id(post.event_id, "ClassifiedPost")
    assert headers["ce_source"] == b"/otklik/classify"
    assert headers["otklik_brand"] == b"severbank"
    assert headers["traceparent"] == TRACE.encode()
    assert (event_of(output).cause_id, event_of(output).occurred_at) == (post.event_id, MONDAY)
    assert event_of(output).post == post


async def test_the_order_is_kept_and_ticks_are_left_to_stream() -> None:
    tick = PipelineTick(event_id="t", occurred_at=MONDAY, received_before=MONDAY)

    outputs = await handler().handle([batch(a_post("p1"), tick, a_post("p2"))], None)

    assert [event_of(output).post.id for output in outputs] == ["p1", "p2"]


async def test_the_output_is_the_same_to_the_byte() -> None:
    posts = [a_post("p1"), a_reply("r1", "p1", text="Ответим в течение 2 часов."), a_post("p2")]

    first = await handler().handle([batch(*posts)], None)
    second = await handler().handle([batch(*posts)], None)

    assert first == second


async def test_tombstones_and_engagement_are_not_judged() -> None:
    for op in (Op.deleted, Op.hidden, Op.engagement):
        found = await published(a_post(op=op))
        assert (found.classification, found.fingerprint, found.reply_review) == (None, None, None)


async def test_edited_and_restored_posts_are_judged() -> None:
    for op in (Op.created, Op.edited, Op.unhidden, Op.restored):
        found = await published(a_post(op=op))
        assert found.classification is not None
        assert found.fingerprint is not None


async def test_the_brand_s_reply_is_reviewed_and_a_customer_s_is_not() -> None:
    reply = await published(a_reply("r1", "p1", text="Вопрос решён, спасибо за терпение."))
    post = await published(a_post())

    assert reply.classification is not None
    assert reply.reply_review is not None
    assert reply.reply_review.kind is ReplyKind.closing
    assert post.reply_review is None


async def test_a_masked_post_keeps_its_mark() -> None:
    found = await published(a_post(text="Перезвоните", redactions=("phone",)))

    assert found.classification is not None
    assert found.classification.personal_data


async def test_judgements_are_counted_without_words_of_the_post() -> None:
    registry = CollectorRegistry()

    await handler(registry).handle([batch(a_post(), a_post("p2", op=Op.deleted))], None)

    judged = meaning(a_post().text)
    labels = {"brand": "severbank", "lang": "ru", "tone": judged.tone.value}
    counted = labels | {"band": str(judged.urgency_band)}
    assert registry.get_sample_value("otklik_classified_total", counted) == 1
    assert registry.get_sample_value("otklik_classify_confidence_count", {"axis": "intent"}) == 1
    assert "Приложение" not in generate_latest(registry).decode()


async def test_a_canary_is_judged_as_any_post_and_counted_as_none() -> None:
    registry = CollectorRegistry()
    canary = a_post("k1", brand=CANARY, account=CANARY, author=None)

    [output] = await handler(registry).handle([batch(canary)], None)

    assert event_of(output).classification is not None
    assert dict(output.headers)["otklik_brand"] == CANARY.encode()
    counted = [one for one in generate_latest(registry).decode().splitlines() if "{" in one]
    assert [one for one in counted if not one.endswith(" 0.0")] == []
