"""What do our events hold of people, and why? Every field of every struct, named exactly once.

docs/data-map.md is written from it, and is not while a field is missing here or gone there.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

import msgspec

from schemas import (
    alerts,
    calendars,
    classified,
    dead_letters,
    decisions,
    erasures,
    event,
    posts,
    sla,
    tickets,
)

Kind = type[msgspec.Struct]


class Data(StrEnum):
    """What a field says of a person."""

    personal = "personal"
    pseudonymous = "pseudonymous"
    staff = "staff"
    none = "none"
    parts = "as its own fields"


MEANINGS = {
    Data.personal: "names a customer or somebody else outside, leads to them, or is their words",
    Data.pseudonymous: "leads to a person only with what lies on a platform or under a key",
    Data.staff: "names one of our own people",
    Data.none: "says nothing of any person",
    Data.parts: "has a heading of its own here",
}


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Why a struct is kept, and what each of its fields holds; names with blanks between."""

    purpose: str
    personal: str = ""
    pseudonymous: str = ""
    staff: str = ""
    none: str = ""
    parts: str = ""

    def fields(self) -> Iterator[tuple[str, Data]]:
        """Each name that is given, with what it holds."""
        for data in Data:
            for name in getattr(self, data.name).split():
                yield name, data


DATA_MAP: Mapping[Kind, Held] = {
    event.Event: Held(
        purpose="to know a repeated event, and what caused it",
        pseudonymous="event_id cause_id",
        none="occurred_at",
    ),
    event.PipelineTick: Held(
        purpose="to know how far the pipeline has come", none="received_before"
    ),
    posts.SocialPost: Held(
        purpose="to judge what was said, and to find the case that it belongs to",
        personal="conversation_id thread_id text title mentions urls url",
        pseudonymous="id parent_id root_id quoted_id reposted_id",
        none="op revision brand source account kind space channel_role visibility truncated lang "
        "rating posted_at posted_at_source received_at backfill seen_as redactions "
        "brand_terms drill",
        parts="author attachments reach deleted_by raw",
    ),
    posts.Author: Held(
        purpose="to tell customers apart, the brand from them, and to find whom to forget",
        personal="id handle name followers verified is_vip is_press",
        pseudonymous="hash",
        none="is_brand is_bot",
    ),
    posts.Attachment: Held(purpose="to show that there was more", personal="url", none="kind"),
    posts.Reach: Held(purpose="to judge how urgent it is", none="likes replies reposts views"),
    posts.Deleter: Held(
        purpose="to tell a customer's second thoughts from our own hand",
        personal="id",
        none="is_brand",
    ),
    posts.RawReference: Held(
        purpose="to look up the payload while it is kept", pseudonymous="topic partition offset"
    ),
    posts.Case: Held(
        purpose="to keep one customer's matter together",
        personal="thread customer",
        pseudonymous="customer_hash",
        none="brand",
    ),
    classified.ClassifiedPost: Held(
        purpose="to decide what is to be done",
        pseudonymous="fingerprint",
        parts="post classification reply_review",
    ),
    classified.Classification: Held(
        purpose="to decide what is to be done",
        none="lang addressed intent tone strength emotion rude fair_claim solvable topic "
        "personal_data repeat_contact flags urgency urgency_band disposition confidence evidence",
        parts="parts model",
    ),
    classified.Part: Held(purpose="to show a sum's reasons", none="name points why why_local"),
    classified.Model: Held(purpose="to know which judge spoke", none="name version profile"),
    classified.ReplyReview: Held(
        purpose="to know which step a reply was", none="kind promise_until", parts="checks"
    ),
    classified.ReplyCheck: Held(purpose="to improve replies", staff="evidence", none="ok"),
    decisions.Decision: Held(
        purpose="to answer for a decision, and to try another policy on it",
        pseudonymous="post_id ticket_id",
        none="revision brand disposition reasons rule_id mode team sla alert play suggestion "
        "priority priority_band retention_class monitored",
        parts="policy parts inputs reply",
    ),
    decisions.ReplyScore: Held(purpose="to improve replies", none="kind checked failed"),
    decisions.PolicyVersion: Held(purpose="to know which policy decided", none="name seq hash"),
    decisions.Facts: Held(
        purpose="to answer for a decision, and to try another policy on it",
        pseudonymous="vip press verified followers reach rating earlier_contacts",
        staff="on_duty",
        none="brand source account kind space channel_role visibility lang addressed intent tone "
        "strength emotion rude fair_claim solvable topic personal_data repeat_contact flags "
        "urgency urgency_band proposal own bot backfill case_state topic_count hot spike "
        "campaign thread_posts thread_negative at",
    ),
    tickets.TicketEvent: Held(
        purpose="to tell notify and subscribers what happened to a case",
        pseudonymous="post_id",
        staff="by",
        none="change reason",
        parts="ticket",
    ),
    tickets.Ticket: Held(
        purpose="to have a case answered, by whom and in what time",
        personal="conversation_id url excerpt",
        pseudonymous="id related",
        staff="owner",
        none="version episode brand source account channel_role lang topic state disposition "
        "priority priority_band urgency rule_id team level skills outcome follow_ups opened_at "
        "closed_at reopen_within",
        parts="case claim escalations hand_overs corrections play terms earlier_terms folded "
        "moments",
    ),
    tickets.HandOver: Held(purpose="to know who passes to whom", none="at was team"),
    tickets.Correction: Held(purpose="to improve decisions", none="at version axis was now"),
    tickets.Escalation: Held(
        purpose="to know why somebody higher was called",
        pseudonymous="event_id",
        staff="to",
        none="clock threshold level at",
    ),
    tickets.Claim: Held(purpose="to keep two people from one answer", staff="by", none="until"),
    tickets.Play: Held(purpose="to know what is to be done next", none="name", parts="steps"),
    tickets.PlayStep: Held(purpose="to know what is to be done next", none="name done_at"),
    tickets.Moment: Held(
        purpose="to measure how long a customer waited",
        pseudonymous="id",
        staff="by",
        none="at received_at kind promise_until reported tone strength",
    ),
    tickets.SlaTerms: Held(
        purpose="to measure what was promised",
        none="policy_hash name clock_from thresholds",
        parts="calendar targets",
    ),
    tickets.Folded: Held(purpose="to measure what was promised", none="since until cycles"),
    tickets.EarlierTerms: Held(
        purpose="to measure what was promised", none="until priority", parts="terms"
    ),
    tickets.Targets: Held(
        purpose="to measure what was promised",
        none="first_response next_response resolution silence promise ack private closing",
    ),
    calendars.Calendar: Held(
        purpose="to measure in working time", none="timezone weekly overrides holidays"
    ),
    sla.SlaChanged: Held(
        purpose="to say whether a promise was kept",
        pseudonymous="ticket_id corrects",
        none="ticket_version brand clock cycle state threshold target elapsed waited_since_posted "
        "waited_since_received due_at team priority_band blind discovered_late",
    ),
    alerts.AlertChanged: Held(
        purpose="to call somebody, and to know who has answered",
        personal="link",
        pseudonymous="group_key ticket_ids",
        staff="acknowledged_by",
        none="state kind severity brand team count need level exercise",
    ),
    erasures.AuthorErased: Held(
        purpose="to have an author forgotten everywhere",
        pseudonymous="author_hash receipt_id",
        none="sources requested_at",
    ),
    dead_letters.DeadLetter: Held(
        purpose="to mend what could not be understood, and to take it in then",
        personal="key headers value",
        none="topic partition offset timestamp_ms reason detail service version",
    ),
}
