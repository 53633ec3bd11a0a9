"""Which post is meant? By its id, its URL, or its number in order of decision."""

import re
from collections.abc import Iterable, Sequence

from schemas.classified import ClassifiedPost
from schemas.decisions import Decision
from schemas.event import Event
from schemas.tickets import TicketEvent
from services.route.domain.why_case import of

Key = tuple[str, str]
"""Brand and id: two brands may know a post by the same id."""

_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|^[\w-]+(?:\.[\w-]+)+/", re.I)


def posts_meant(events: Sequence[Event], said: str) -> Sequence[Key]:
    """The posts that are meant; an id goes before a number, a whole URL before a shortened one."""
    decisions = {(d.brand, d.post_id): d for d in reversed([*of(events, Decision)])}
    known = dict.fromkeys((*decisions, *_classified(events)))
    found = [key for key in known if key[1] == said]
    if found:
        return found
    if is_address(said):
        return _by_url(events, said)
    ordered = sorted(decisions, key=lambda key: (decisions[key].occurred_at, key[1]))
    if said.isdecimal() and 0 < int(said) <= len(ordered):
        return [ordered[int(said) - 1]]
    return []


def is_address(said: str) -> bool:
    """Is a post named by its URL?"""
    return _ADDRESS.search(said) is not None


def plain_url(url: str) -> str:
    """The URL without scheme, query, fragment and trailing slash; the host in lower case."""
    rest = re.sub(r"^(?:[a-z][a-z0-9+.-]*:)?//", "", url.strip(), flags=re.I)
    host, _, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{host.lower()}/{path}".rstrip("/")


def _classified(events: Iterable[Event]) -> Iterable[Key]:
    return ((event.post.brand, event.post.id) for event in of(events, ClassifiedPost))


def _by_url(events: Sequence[Event], said: str) -> Sequence[Key]:
    """A comment may differ from its wall post in the query alone, so that is looked at first."""
    urls = [
        *((c.post.url, (c.post.brand, c.post.id)) for c in of(events, ClassifiedPost)),
        *((t.ticket.url, (t.ticket.brand, t.post_id)) for t in _opening(events)),
    ]
    whole = dict.fromkeys(key for url, key in urls if url == said.strip())
    wanted = plain_url(said)
    loose = dict.fromkeys(key for url, key in urls if url and plain_url(url) == wanted)
    return [(brand, post) for brand, post in (whole or loose) if post]


def _opening(events: Iterable[Event]) -> Iterable[TicketEvent]:
    """A ticket has the URL of the post that opened it."""
    return (event for event in of(events, TicketEvent) if event.ticket.version == 1)
