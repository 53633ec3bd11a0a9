"""What was said, and what became of it? Counted over the rows of posts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from schemas.vocabulary import Tone
from services.notify.domain.figures import Period
from services.notify.store.counting import AGES, Asked, age, within
from services.notify.store.tables import POSTS, SOURCES, TICKETS
from stream.database import micros

CALM_AFTER = timedelta(days=7)
"""For so long after a crisis its tone is looked at."""
LEFT_AFTER = AGES["24h"]
"""A request without a word for so long is left unanswered."""
_POST = POSTS.c
_BRAND = {"brand": _POST.brand}
_WITH_CASES = POSTS.outerjoin(TICKETS, TICKETS.c.id == _POST.ticket)
_ANSWERED = func.coalesce(TICKETS.c.spoke_last_at >= _POST.at, False)


def talk(period: Period) -> Iterator[Asked]:
    """What customers said, and how much of it we stepped into (R1, R19, R29, R50, R103, R106)."""
    said = and_(within(_POST.at, period), ~_POST.own)
    sources = {**_BRAND, "source": _POST.source, "role": _POST.role}
    yield Asked("posts", POSTS, sources, said)
    yield Asked("dispositions", POSTS, {**_BRAND, "disposition": _POST.disposition}, said)
    yield Asked("tones", POSTS, {**_BRAND, "tone": _POST.tone}, said)
    yield Asked("answered_posts", _WITH_CASES, _BRAND, said, part=_ANSWERED, whole=said)
    aside = and_(said, ~_POST.addressed)
    yield Asked("stepped_in", _WITH_CASES, _BRAND, aside, part=_ANSWERED, whole=aside)


def new_sources(period: Period) -> Asked:
    """Places from which nothing was known before, with what came from them in the period (R50)."""
    here = and_(SOURCES.c.brand == _POST.brand, SOURCES.c.source == _POST.source)
    new = and_(within(SOURCES.c.first_at, period), within(_POST.at, period), ~_POST.own)
    return Asked("new_source", POSTS.join(SOURCES, here), {**_BRAND, "source": _POST.source}, new)


def waiting(period: Period, at: datetime) -> Iterator[Asked]:
    """Direct requests that nobody has said a word to since, open ones too (R35, R107)."""
    asked = and_(within(_POST.at, period), _POST.asks, _POST.at < micros(at))
    unanswered = and_(asked, ~_ANSWERED)
    by = {**_BRAND, "age": age(_POST.at, at)}
    yield Asked("unanswered_requests", _WITH_CASES, by, unanswered)
    left = _POST.at <= micros(at - LEFT_AFTER)
    known = and_(asked, or_(_ANSWERED, left))
    yield Asked("unanswered_share", _WITH_CASES, _BRAND, known, part=~_ANSWERED, whole=known)


def after_crises(period: Period) -> Asked:
    """Negative posts of a topic while many wrote of it, and in the week after (R109)."""
    hot = (
        select(
            _POST.brand,
            _POST.topic,
            func.min(_POST.at).label("first"),
            func.max(_POST.at).label("last"),
        )
        .where(within(_POST.at, period), _POST.many, ~_POST.own)
        .group_by(_POST.brand, _POST.topic)
        .subquery()
    )
    same = and_(hot.c.brand == _POST.brand, hot.c.topic == _POST.topic)
    until = hot.c.last + CALM_AFTER // timedelta(microseconds=1)
    when: ColumnElement[Any] = case((_POST.at <= hot.c.last, "during"), else_="after")
    of_it = and_(_POST.at >= hot.c.first, _POST.at < until, ~_POST.own)
    return Asked(
        "crisis_tone",
        POSTS.join(hot, same),
        {**_BRAND, "topic": _POST.topic, "when": when},
        of_it,
        part=_POST.tone == Tone.negative.value,
        whole=of_it,
    )
