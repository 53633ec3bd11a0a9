"""What does a made-up post do? It is decided as any other, calls people, and leaves nothing else.

Its case lives on a scratch book for as long as the step: no ticket is kept, told or counted, and no
real customer's post sees it. What stays are the alerts, marked, which are what is drilled.
"""

from datetime import timedelta

import msgspec

from schemas.classified import ClassifiedPost
from services.route.domain.book import Book
from services.route.domain.desk import Desk, Rules, Seat

LASTS = timedelta(days=1)
"""A drill that nobody ends is over after so long."""


class Drilling:
    """The drills of one step, each with a book of its own."""

    def __init__(self) -> None:
        self._books: dict[str, Book] = {}

    def settle(self, event: ClassifiedPost, book: Book, rules: Rules, seat: Seat) -> bool:
        """Decide on a post of a drill and leave its calls; False where it was seen before."""
        drill = event.post.drill or ""
        if not book.first_sight(event.post.event_id):
            return False
        scratch = self._books.setdefault(drill, Book(load=dict(book.load), swaps=book.swaps))
        scratch.intents.clear()
        for _ in Desk(event, scratch, rules, seat).settle():
            pass  # decisions and tickets of made-up posts are nobody's business
        book.intents.extend(
            msgspec.structs.replace(one, drill=drill, holds=None if one.fades_after else LASTS)
            for one in scratch.intents
        )
        return True
