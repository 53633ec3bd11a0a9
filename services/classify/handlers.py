"""What happens to a batch of posts? Each becomes one ClassifiedPost, the same on every run.

Unless another model is heard (``Consult``): then what is said may differ, never the event's id.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from schemas.classified import Classification, ClassifiedPost, ReplyReview
from schemas.event import CANARY, derive_id
from schemas.posts import SocialPost, conversation_key
from schemas.topics import CLASSIFIED
from schemas.vocabulary import Op
from services.classify.domain.classify import LocalWhys, classify, text_of
from services.classify.domain.fingerprint import fingerprint
from services.classify.domain.judge import Explaining
from services.classify.domain.opinion import Judged
from services.classify.domain.reply_review import Reviewer
from stream.flow import Batch, Message, Outgoing, caused_by, outgoing

SERVICE = "classify"
EXPLAINED = 2
"""From this band on somebody looks within an hour or two, and is shown why."""
UNREAD = frozenset({Op.deleted, Op.hidden, Op.engagement, Op.unknown})
"""Operations that carry no new words: tombstones, counts, and what we do not know yet."""


class Counting(Protocol):
    """Counts judgements."""

    def judged(self, brand: str, judgement: Classification) -> None:
        """Count one judgement."""
        ...


class Consult(Protocol):
    """Asks another model about a batch; bounded, and whatever happens the judgements stand."""

    async def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """The same posts in the same order."""
        ...


class Classifying(msgspec.Struct, frozen=True, kw_only=True):
    """The handler of classify: no state, no clock, no store."""

    judge: Explaining
    reviewer: Reviewer
    whys: LocalWhys
    metrics: Counting
    consult: Consult | None = None

    async def handle(self, batches: Sequence[Batch], unit: None) -> list[Outgoing]:
        """One ClassifiedPost for every SocialPost, on the partition number it came from."""
        found = [
            (message.event, message)
            for batch in batches
            for message in batch.messages
            if isinstance(message.event, SocialPost)
        ]
        judges = iter(await self._judged([post for post, _ in found if post.op not in UNREAD]))
        return [
            self._send(self._classified(post, None if post.op in UNREAD else next(judges)), message)
            for post, message in found
        ]

    async def _judged(self, posts: Sequence[SocialPost]) -> Sequence[Judged]:
        alone = [self._judged_alone(post) for post in posts]
        return await self.consult(alone) if self.consult else alone

    def _judged_alone(self, post: SocialPost) -> Judged:
        text = text_of(post)
        found = self.judge.judge(text, post.lang)
        return Judged(text=text, judgement=found, model=self.judge.model)

    def _classified(self, post: SocialPost, judged: Judged | None) -> ClassifiedPost:
        """Tombstones and engagement are not judged: they mean nothing new."""
        return ClassifiedPost(
            event_id=derive_id(post.event_id, "ClassifiedPost"),
            cause_id=post.event_id,
            occurred_at=post.occurred_at,
            post=post,
            classification=self._judgement(post, judged) if judged else None,
            fingerprint=fingerprint(judged.text) if judged else None,
            reply_review=self._review(post) if judged else None,
        )

    def _judgement(self, post: SocialPost, judged: Judged) -> Classification:
        judgement = classify(post, judged, self.whys)
        if judgement.urgency_band >= EXPLAINED and judged.model == self.judge.model:
            shown = self.judge.evidence(judged.text, post.lang)
            judgement = msgspec.structs.replace(judgement, evidence=shown)
        if post.drill is None and post.brand != CANARY:
            self.metrics.judged(post.brand, judgement)
        return judgement

    def _review(self, post: SocialPost) -> ReplyReview | None:
        if post.author is None or not post.author.is_brand:
            return None
        at, visibility = post.said_at, post.visibility
        return self.reviewer.review_reply(
            post.text, said_at=at, visibility=visibility, platform=post.source
        )

    def _send(self, event: ClassifiedPost, message: Message) -> Outgoing:
        post, received = event.post, message.received
        return outgoing(
            event,
            topic=CLASSIFIED,
            key=conversation_key(post),
            partition=received.partition,
            origin=caused_by(received, service=SERVICE, brand=post.brand),
        )
