"""What do customers need, in one line of the team's language? No word of a post is in it (R57)."""

from collections.abc import Iterable, Mapping

import msgspec

from schemas.states import AlertKind
from schemas.vocabulary import CaseTopic
from services.route.domain.message import Words

COUNT = "{count}"
"""In a line that is kept: how many there are is known when it is told."""


SPARE = "en"
"""The words of a team none of whose languages has any."""


class Needs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line per topic that says what customers need, by language.

    ``calls`` says why somebody is called for another reason than one case.
    """

    topics: Mapping[CaseTopic, str]
    calls: Mapping[AlertKind, str]
    many: str
    message: Words

    def counted(self, need: str, count: int) -> str:
        """The line of a need, for so many."""
        if COUNT in need:
            return need.replace(COUNT, str(count))
        return self.many.format(need=need, count=count) if count > 1 else need


def words_of(needs: Mapping[str, Needs]) -> Mapping[str, Words]:
    """What messages are made of, by language."""
    return {lang: said.message for lang, said in needs.items()}


def language_of(languages: Iterable[str], needs: Mapping[str, Needs]) -> str:
    """The first of a team's languages that there are words in."""
    return next((one for one in languages if one in needs), SPARE)
