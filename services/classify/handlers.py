"""What happens to a batch of posts? Each becomes one ClassifiedPost, the same on every run."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from schemas.classified import Classification, ClassifiedPost, ReplyReview
from schemas.event import derive_id
from schemas.posts import SocialPost, conversation_key
from schemas.topics import CLASSIFIED
from schemas.vocabulary import Op
from services.classify.domain.classify import LocalWhys, classify, text_of
from services.classify.domain.fingerprint import fingerprint
from services.classify.domain.judge import Judge
from services.classify.domain.reply_review import Reviewer
from stream.flow import Batch, Message, Outgoing, caused_by, outgoing

SERVICE = "classify"
UNREAD = frozenset({Op.deleted, Op.hidden, Op.engagement, Op.unknown})
"""Operations that carry no new words: tombstones, counts, and what we do not know yet."""


class Counting(Protocol):
    """Counts judgements."""

    def judged(self, brand: str, judgement: Classification) -> None:
        """Count one judgement."""
        ...


class Classifying(msgspec.Struct, frozen=True, kw_only=True):
    """The handler of classify: no state, no clock, no store."""

    judge: Judge
    reviewer: Reviewer
    whys: LocalWhys
    metrics: Counting

    async def handle(self, batches: Sequence[Batch], unit: None) -> list[Outgoing]:
        """One ClassifiedPost for every SocialPost, on the partition number it came from."""
        return [
            self._send(self.classified(message.event), message)
            for batch in batches
            for message in batch.messages
            if isinstance(message.event, SocialPost)
        ]

    def classified(self, post: SocialPost) -> ClassifiedPost:
        """The event that says what a post means; tombstones and engagement mean nothing new."""
        read = post.op not in UNREAD
        return ClassifiedPost(
            event_id=derive_id(post.event_id, "ClassifiedPost"),
            cause_id=post.event_id,
            occurred_at=post.occurred_at,
            post=post,
            classification=self._judgement(post) if read else None,
            fingerprint=fingerprint(text_of(post)) if read else None,
            reply_review=self._review(post) if read else None,
        )

    def _judgement(self, post: SocialPost) -> Classification:
        judgement = classify(post, self.judge, self.whys)
        self.metrics.judged(post.brand, judgement)
        return judgement

    def _review(self, post: SocialPost) -> ReplyReview | None:
        if post.author is None or not post.author.is_brand:
            return None
        at, visibility = post.said_at, post.visibility
        return self.reviewer.review_reply(post.text, said_at=at, visibility=visibility)

    def _send(self, event: ClassifiedPost, message: Message) -> Outgoing:
        post, received = event.post, message.received
        return outgoing(
            event,
            topic=CLASSIFIED,
            key=conversation_key(post),
            partition=received.partition,
            origin=caused_by(received, service=SERVICE, brand=post.brand),
        )
