"""Which classified posts does route take? Talk, cases and replies, as an account has them."""

from datetime import timedelta
from hashlib import blake2b

from aiokafka import AIOKafkaProducer

from bench.posted import AT, TEXT, TRACE
from schemas.classified import Classification, ClassifiedPost, Model, Part
from schemas.event import derive_id
from schemas.posts import Author, SocialPost
from schemas.topics import CLASSIFIED, TOPICS
from schemas.vocabulary import (
    Addressed,
    CaseTopic,
    ChannelRole,
    Disposition,
    Emotion,
    Intent,
    Kind,
    Op,
    PostedAtSource,
    Solvable,
    Space,
    Tone,
    Visibility,
)
from stream.flow import Origin, Outgoing, outgoing
from stream.topic_admin import Cluster, create

_TOPICS = [topic for topic in CaseTopic if topic is not CaseTopic.unknown]
OF_TEN = 10
"""Of ten posts six are talk, three open a case, one is a reply to a case."""


def classified(number: int) -> ClassifiedPost:
    """The post of that number; every tenth is the brand's reply to the one before it."""
    place = number % OF_TEN
    post = _post(number, reply=place == OF_TEN - 1)
    return ClassifiedPost(
        event_id=derive_id(post.event_id, "ClassifiedPost"),
        cause_id=post.event_id,
        occurred_at=post.occurred_at,
        post=post,
        classification=_judgement(number, talk=place < 6),
        fingerprint=blake2b(str(number).encode(), digest_size=8).hexdigest(),
    )


def _post(number: int, *, reply: bool) -> SocialPost:
    at = AT + timedelta(seconds=number)
    native, before = f"post-{number}", f"post-{number - 1}"
    author = Author(id="severbank", is_brand=True) if reply else Author(id=f"author-{number}")
    return SocialPost(
        event_id=derive_id(native, "SocialPost"),
        occurred_at=at,
        op=Op.created,
        id=native,
        revision=number,
        brand="severbank",
        source="generic",
        account="bank",
        conversation_id=f"wall-{number // OF_TEN}",
        thread_id=before if reply else native,
        parent_id=before if reply else None,
        kind=Kind.comment,
        space=Space.own_page,
        channel_role=ChannelRole.service,
        visibility=Visibility.public,
        author=author,
        text=TEXT,
        posted_at=at,
        posted_at_source=PostedAtSource.platform,
        received_at=at + timedelta(seconds=1),
    )


def _judgement(number: int, *, talk: bool) -> Classification:
    return Classification(
        lang=("ru", "bg", "en")[number % 3],
        addressed=Addressed.mention if talk else Addressed.direct,
        intent=Intent.talk if talk else Intent.complaint,
        tone=Tone.indifferent if talk else Tone.negative,
        strength=0 if talk else 1,
        emotion=Emotion.none,
        rude=False,
        fair_claim=not talk,
        solvable=Solvable.unknown,
        topic=_TOPICS[number % len(_TOPICS)],
        personal_data=False,
        repeat_contact=False,
        urgency=0 if talk else 40,
        urgency_band=0 if talk else 1,
        parts=() if talk else (Part(name="intent", points=40, why="a complaint"),),
        disposition=Disposition.listen if talk else Disposition.public_ack_then_private,
        model=Model(name="bench", version="1"),
    )


def record(number: int, partition: int) -> Outgoing:
    """The post as classify writes it."""
    event = classified(number)
    origin = Origin(service="classify", brand="severbank", traceparent=TRACE)
    return outgoing(event, topic=CLASSIFIED, key="severbank", partition=partition, origin=origin)


async def fill_classified(cluster: Cluster, count: int) -> None:
    """Create all topics and write so many posts; ten by ten they share a partition."""
    await create(cluster, TOPICS)
    name = CLASSIFIED.under(cluster.prefix)
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, linger_ms=5) as producer:
        for number in range(count):
            one = record(number, number // OF_TEN % cluster.partitions)
            await producer.send(
                name,
                value=one.value,
                key=one.key,
                partition=one.partition,
                headers=list(one.headers),
            )
        await producer.flush()
