"""What is to be done with a post? First match wins; every decision names its rule and its parts."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import msgspec

from schemas.classified import Classification, ClassifiedPost, Part
from schemas.decisions import Facts
from schemas.posts import SocialPost
from schemas.states import AlertNeed, CaseState, PriorityBand, RuleMode
from schemas.vocabulary import Disposition
from services.route.domain.context import Mood
from services.route.domain.policy import Policy, Rule
from services.route.domain.swaps import Swap

FLOORS = {
    PriorityBand.low: 0,
    PriorityBand.normal: 25,
    PriorityBand.high: 50,
    PriorityBand.critical: 75,
}
"""Where each band of priority begins, the lowest first (policy.md)."""
_BANDS, _BEGINNINGS = list(FLOORS), list(FLOORS.values())

ANGRY_THREAD = 5
"""So many negative posts, and more than half of all, make a thread an angry one (R28, R40)."""

CASES = frozenset(
    {
        Disposition.answer_here,
        Disposition.public_ack_then_private,
        Disposition.thank,
        Disposition.human_review,
    }
)
"""The dispositions that open a case; the others leave a decision and a count."""

_JUDGED = tuple(set(Classification.__struct_fields__) & set(Facts.__struct_fields__))
"""What classify judged and a rule may look at, under the same name."""
_judgement = attrgetter(*_JUDGED)


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What route knows beside the post: the case so far and the topic's window."""

    case_state: CaseState = CaseState.none
    earlier_contacts: int = 0
    topic_count: int = 0
    spike: bool = False
    campaign: int = 0
    mood: Mood = Mood()
    swaps: tuple[Swap, ...] = ()
    replayed: bool = False


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, before it is written down as a ``Decision``.

    ``hush`` says why nobody may be paged for the post, whoever would have been.
    """

    rule: Rule
    disposition: Disposition
    reasons: tuple[str, ...]
    parts: tuple[Part, ...]
    priority: int
    alert: AlertNeed
    monitored: tuple[str, ...]
    hush: str | None = None

    @property
    def band(self) -> PriorityBand:
        """The queue that the priority falls into."""
        return band_of(self.priority)


def band_of(priority: int) -> PriorityBand:
    """The queue that a priority falls into."""
    return _BANDS[bisect_right(_BEGINNINGS, priority) - 1]


def facts_of(classified: ClassifiedPost, around: Surroundings, policy: Policy) -> Facts:
    """All that a rule may look at, of one post at one instant."""
    post, author = classified.post, classified.post.author
    at = post.received_at if post.backfill else post.said_at
    return Facts(
        brand=post.brand,
        source=post.source,
        account=post.account,
        kind=post.kind,
        space=post.space,
        channel_role=post.channel_role,
        visibility=post.visibility,
        own=bool(author and author.is_brand),
        bot=bool(author and author.is_bot),
        vip=bool(author and author.is_vip),
        press=bool(author and author.is_press),
        verified=bool(author and author.verified),
        followers=author.followers if author else None,
        reach=reach_of(post),
        rating=post.rating,
        backfill=post.backfill,
        case_state=around.case_state,
        earlier_contacts=around.earlier_contacts,
        topic_count=around.topic_count,
        hot=around.topic_count >= policy.hot_minimum,
        spike=around.spike,
        campaign=around.campaign,
        thread_posts=around.mood.posts,
        thread_negative=around.mood.negative,
        at=at,
        on_duty=policy.on_duty(at, around.swaps),
        **_judged(classified.classification),
    )


def _judged(judged: Classification | None) -> dict[str, Any]:
    """What classify says of a post, by the names of ``Facts``."""
    if judged is None:
        return {}
    return dict(zip(_JUDGED, _judgement(judged), strict=True), proposal=judged.disposition)


def reach_of(post: SocialPost) -> int | None:
    """The largest audience that is known of a post; None where the platform tells none (R32)."""
    followers = post.author.followers if post.author else None
    views = post.reach.views if post.reach else None
    return max((one for one in (followers, views) if one is not None), default=None)


def matching(policy: Policy, facts: Facts, *, including: str | None = None) -> Rule:
    """The first active rule whose conditions hold; ``including`` counts another one in."""
    return next(policy.holding(facts, RuleMode.active, including=including))


def decide(
    facts: Facts, post_parts: Sequence[Part], policy: Policy, *, hush: str | None = None
) -> Verdict:
    """The verdict on a post; ``hush`` says why nobody may be paged for it, where that is so."""
    rule = matching(policy, facts)
    parts = _parts(facts, post_parts, rule)
    pages = rule.then.alert is AlertNeed.now
    alert = AlertNeed.none if pages and hush else rule.then.alert
    reasons = (rule.why, hush) if pages and hush else (rule.why,)
    return Verdict(
        rule=rule,
        disposition=rule.then.disposition,
        reasons=reasons,
        parts=parts,
        priority=sum(part.points for part in parts),
        alert=alert,
        monitored=tuple(other.id for other in policy.holding(facts, RuleMode.monitor)),
        hush=hush,
    )


def hush_of(post: SocialPost, around: Surroundings, policy: Policy) -> str | None:
    """Why nobody may be paged for a post now, or None (design 3.3, 3.7)."""
    if around.replayed:
        return "replayed by an operator, which never pages"
    late = post.posted_at and post.received_at - post.posted_at > policy.page_within
    if post.backfill or late:
        return "first seen too late to page anybody"
    return None


def explain(policy: Policy, facts: Facts) -> tuple[tuple[str, str | None], ...]:
    """Each rule with the first reason that it does not match, or None where it does."""
    return tuple((rule.id, rule.refusal(facts)) for rule in policy.rules)


def _parts(facts: Facts, post_parts: Sequence[Part], rule: Rule) -> tuple[Part, ...]:
    parts = [*post_parts]
    if facts.earlier_contacts:
        points = min(15, 5 * facts.earlier_contacts)
        why = f"{facts.earlier_contacts} earlier cases of the same customer"
        parts.append(Part(name="context: earlier contacts", points=points, why=why))
    if facts.hot:
        why = f"{facts.topic_count} posts on this topic lately"
        parts.append(Part(name="context: hot topic", points=15, why=why))
    if facts.spike:
        why = "far more posts in this hour than in the hours of the week before"
        parts.append(Part(name="context: spike", points=10, why=why))
    if facts.thread_negative >= ANGRY_THREAD and 2 * facts.thread_negative > facts.thread_posts:
        why = f"{facts.thread_negative} of {facts.thread_posts} posts in the thread are negative"
        parts.append(Part(name="context: angry thread", points=5, why=why))
    total = sum(part.points for part in parts)
    if total > 100:
        parts.append(Part(name="clamp", points=100 - total, why="priority ends at 100"))
        total = 100
    floor = FLOORS[rule.then.priority]
    if total < floor:
        why = f"rule {rule.id} asks for at least {rule.then.priority}"
        parts.append(Part(name="rule", points=floor - total, why=why))
    return tuple(parts)
