"""What does a post add to what others see, and what does it see of them?"""

from typing import Any

from schemas.classified import Classification, ClassifiedPost
from schemas.posts import SocialPost
from schemas.vocabulary import Addressed, Intent, Space, Tone, Visibility
from services.route.domain.book import conversation_of
from services.route.domain.context import LATE, SHORTEST, SPIKES, Context, Matter, Mood
from services.route.domain.policy import Policy

_COUNTED = frozenset({Intent.complaint, Intent.question, Intent.request})
_SHARED = frozenset({Space.own_page, Space.forum, Space.blog})
"""Where many customers speak in one conversation; elsewhere it is one customer's own."""


def is_own(post: SocialPost) -> bool:
    """Is it the brand's own word? By configured ids only, ingest has said so."""
    return bool(post.author and post.author.is_brand)


def matter_of(post: SocialPost, judged: Classification) -> Matter:
    """What the post is counted under."""
    return post.brand, judged.topic, judged.lang


def shared_conversation(post: SocialPost) -> tuple[str, str] | None:
    """The conversation whose mood a post shares."""
    shared = post.visibility is Visibility.public and post.space in _SHARED
    return (post.brand, conversation_of(post)) if shared else None


def copied_by(event: ClassifiedPost, judged: Classification) -> str | None:
    """Who may have copied these words: long ones that complain; short ones come by themselves."""
    post = event.post
    long = len(post.text) >= SHORTEST and event.fingerprint is not None
    speaks = judged.intent is Intent.complaint and judged.addressed is not Addressed.none
    author = post.author
    return author.hash or author.id if long and speaks and author and not is_own(post) else None


def note(event: ClassifiedPost, judged: Classification, context: Context, partition: int) -> None:
    """Count a customer's post, once; one that is first seen a day late is in no window."""
    post, at = event.post, event.post.said_at
    if judged.intent in _COUNTED and post.received_at - at <= LATE:
        context.count(matter_of(post, judged), at, partition=partition)
    customer = copied_by(event, judged)
    if customer and event.fingerprint:
        context.copy(post.brand, event.fingerprint, customer, at)
    conversation = shared_conversation(post)
    if conversation:
        context.feel(conversation, negative=judged.tone is Tone.negative)


def what_others_say(
    event: ClassifiedPost, judged: Classification, context: Context, policy: Policy
) -> dict[str, Any]:
    """What the decision on a post sees of others, by the names of ``Surroundings``."""
    post, at = event.post, event.post.said_at
    customer = copied_by(event, judged)
    conversation = shared_conversation(post)
    return {
        "topic_count": context.topic_count(post.brand, judged.topic, at, policy.hot_window),
        "spike": context.spikes(matter_of(post, judged), at, SPIKES),
        "campaign": context.others(post.brand, event.fingerprint, customer, at)
        if customer and event.fingerprint
        else 0,
        "mood": context.moods.get(conversation, Mood()) if conversation else Mood(),
    }
