"""Who else spoke where a case is? Its thread, and what others ask in the same conversation."""

from collections.abc import Sequence

from sqlalchemy import String, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tickets import Ticket
from services.route.domain.also_asked import AlsoAsked, also_asked
from services.route.domain.book import Sighting
from services.route.domain.views import CUSTOMER, ThreadPost
from services.route.store.cases import decode_sighting, decode_ticket
from services.route.store.tables import POSTS, TICKETS

LOOKED_AT = 500
"""Posts of a conversation: under one that everybody comments on, the latest cases are enough."""

_IN_THREAD = select(POSTS.c.body).where(POSTS.c.thread == bindparam("thread", type_=String))
_MINE = func.coalesce(bindparam("mine", type_=String), "")
_THEIR_CASE = (
    bindparam("of", type_=String)
    + literal("\x1f")
    + POSTS.c.thread
    + literal("\x1f")
    + POSTS.c.customer
)
"""``Case.key`` of a post's customer: by its index, so that a look stays one query."""
_OTHERS = (
    select(POSTS.c.body, TICKETS.c.body)
    .join(TICKETS, TICKETS.c.case_key == _THEIR_CASE)
    .where(
        POSTS.c.conversation == bindparam("conversation", type_=String),
        POSTS.c.customer != _MINE,
        TICKETS.c.state != "closed",
    )
    .order_by(TICKETS.c.changed_at.desc(), POSTS.c.key)
    .limit(LOOKED_AT)
)


async def thread_of(connection: AsyncConnection, ticket: Ticket) -> tuple[ThreadPost, ...]:
    """The posts of a case's thread, in the order of time."""
    bodies = (await connection.execute(_IN_THREAD, {"thread": ticket.case.thread})).scalars()
    found = [one for one in map(decode_sighting, bodies) if one.brand == ticket.brand]
    return tuple(
        _shown(one, ticket) for one in sorted(found, key=lambda one: (one.at, one.post_id))
    )


async def asked_beside(connection: AsyncConnection, ticket: Ticket) -> Sequence[AlsoAsked]:
    """The open questions of others in a case's conversation."""
    asked = {
        "of": ticket.brand,
        "conversation": ticket.conversation_id,
        "mine": ticket.case.customer,
    }
    rows = (await connection.execute(_OTHERS, asked)).all()
    found = ((decode_sighting(post), decode_ticket(other)) for post, other in rows)
    return also_asked(ticket, found)


def _shown(sighting: Sighting, ticket: Ticket) -> ThreadPost:
    who = "brand" if sighting.reply else "somebody else"
    return ThreadPost(
        post_id=sighting.post_id,
        at=sighting.at,
        who=CUSTOMER if sighting.case_key == ticket.case.key else who,
        parent_id=sighting.parent_id,
        removed=sighting.removed,
        visibility=sighting.visibility,
    )
