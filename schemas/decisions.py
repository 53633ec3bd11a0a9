"""What was decided about a post, by which rule, from which facts? The audit trail of route."""

import msgspec

from schemas.classified import Part
from schemas.event import Contract, Event, Instant
from schemas.states import AlertNeed, CaseState, PriorityBand, RuleMode
from schemas.vocabulary import (
    Addressed,
    CaseTopic,
    ChannelRole,
    Disposition,
    Emotion,
    Flag,
    Intent,
    Kind,
    ReplyKind,
    Solvable,
    Space,
    Suggestion,
    Tone,
    Visibility,
)


class Facts(Contract, frozen=True, kw_only=True):
    """All that a rule may look at, and all that ``whatif`` needs: no text, no author name.

    ``reach`` is the largest audience that is known: followers or views; null where neither is.
    ``spike``: far more than this topic's usual hour. ``campaign``: how many others wrote the same.
    ``thread_posts`` and ``thread_negative``: what customers said in the conversation so far.
    """

    brand: str = ""
    source: str = ""
    account: str = ""
    kind: Kind = Kind.post
    space: Space = Space.mention
    channel_role: ChannelRole = ChannelRole.service
    visibility: Visibility = Visibility.public
    lang: str = "en"
    addressed: Addressed = Addressed.none
    intent: Intent = Intent.talk
    tone: Tone = Tone.indifferent
    strength: int = 0
    emotion: Emotion = Emotion.none
    rude: bool = False
    fair_claim: bool = False
    solvable: Solvable = Solvable.unknown
    topic: CaseTopic = CaseTopic.other
    personal_data: bool = False
    repeat_contact: bool = False
    flags: tuple[Flag, ...] = ()
    urgency: int = 0
    urgency_band: int = 0
    proposal: Disposition = Disposition.listen
    own: bool = False
    bot: bool = False
    vip: bool = False
    press: bool = False
    verified: bool = False
    followers: int | None = None
    reach: int | None = None
    rating: int | None = None
    backfill: bool = False
    case_state: CaseState = CaseState.none
    earlier_contacts: int = 0
    topic_count: int = 0
    hot: bool = False
    spike: bool = False
    campaign: int = 0
    thread_posts: int = 0
    thread_negative: int = 0
    at: Instant | None = None
    on_duty: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """Which policy decided."""

    name: str
    seq: int
    hash: str


class ReplyScore(msgspec.Struct, frozen=True, kw_only=True):
    """How one of our own replies holds up: its step, and the checks it failed (R69-R82, R90)."""

    kind: ReplyKind
    checked: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class Decision(Event, frozen=True, kw_only=True, tag_field="type", tag=True):
    """One decision per post revision, ``listen`` and ``no_reply_*`` included.

    ``reply`` is the score of a post of our own; then ``ticket_id`` is the case that it answers.
    """

    post_id: str
    revision: int
    brand: str
    disposition: Disposition
    reasons: tuple[str, ...]
    rule_id: str
    policy: PolicyVersion
    mode: RuleMode = RuleMode.active
    ticket_id: str | None = None
    team: str | None = None
    sla: str | None = None
    alert: AlertNeed = AlertNeed.none
    play: str | None = None
    suggestion: Suggestion | None = None
    priority: int
    priority_band: PriorityBand
    parts: tuple[Part, ...]
    retention_class: str = "standard"
    monitored: tuple[str, ...] = ()
    reply: ReplyScore | None = None
    inputs: Facts
