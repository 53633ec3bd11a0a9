"""Which faults does a reply have? What no reply may do, whatever its kind."""

import re

from schemas.classified import ReplyCheck
from schemas.vocabulary import ReplyKind
from services.classify.domain.personal import personal_places
from services.classify.domain.personal_shapes import EMAIL
from services.classify.domain.reading import fold
from services.classify.domain.reply_checks import Reply
from services.classify.domain.reply_words import ReplySigns

LONG_POST, SHORT_SHARE = 400, 8
LONG_REPLY, LONG_SHARE = 400, 4
REACH = 80
"""How far behind its verb a thing that is asked for may stand."""
FREE_PHONE = re.compile(r"(?<!\d)(?:\+?[78][\s(-]*800|0[78]00|1[\s-]?8(?:00|88|77))")
ROLE_MAIL = re.compile(
    r"(?<![\w.+-])(?:help|claims?|support|info|service|care|contact|office|sales|press|privacy|"
    r"hello|feedback|complaints?|helpdesk|customer|clients?)[\w.+-]*@[\w-]+\.[a-z]{2,}"
)
"""An address of a desk: nobody's personal data, and another channel."""
CLAUSE = re.compile(r"[,;:—–()]\s+")


def faults(reply: Reply, *, public: bool) -> dict[str, ReplyCheck]:
    """A check for each fault that can be there."""
    found = {
        "no_banned_words": _absent(reply.finds("banned")),
        "polite_address": _absent(_familiar(reply)),
        "no_data_asked_in_public": _absent(_asked(reply) if public else None),
        "no_data_shown_in_public": _absent(_exposed(reply) if public else None),
        "same_channel": _absent(_redirect(reply) if public else None),
    }
    if reply.limit is not None:
        found["fits_platform"] = _measured(len(reply.text) <= reply.limit, reply, reply.limit)
    if reply.to is not None:
        found["proportionate"] = _measured(_is_proportionate(reply), reply, len(reply.to))
    return found


def _absent(words: str | None) -> ReplyCheck:
    return ReplyCheck(ok=words is None, evidence=words)


def _measured(ok: bool, reply: Reply, other: int) -> ReplyCheck:  # noqa: FBT001 - the verdict
    return ReplyCheck(ok=ok, evidence=f"{len(reply.text)} letters against {other}")


def _familiar(reply: Reply) -> str | None:
    """«Ты» to a customer who did not say it first (R86)."""
    if reply.to and _says_thou(fold(reply.to), reply.words):
        return None
    return next((found for one in reply.sentences if (found := _says_thou(one, reply.words))), None)


def _says_thou(sentence: str, words: ReplySigns) -> str | None:
    plain = words.signs["harmless"].sub(" ", sentence)
    match = words.signs["familiar"].search(plain) or words.ends["familiar"].search(plain)
    return match.group() if match else None


def _asked(reply: Reply) -> str | None:
    """Personal data asked for where all can read the answer (R73, R74)."""
    signs, privately = reply.words.signs, reply.words.kinds["private"]
    private = any(privately.search(one) for one in reply.sentences)
    for sentence in reply.sentences:
        plain = signs["harmless"].sub(" ", sentence)
        asked = _pair(plain, signs["asks"], signs["data"])
        if asked is None or signs["warns"].search(sentence) or privately.search(asked):
            continue
        clauses = [one for one in CLAUSE.split(plain) if one in asked or asked in one]
        if not private or any(signs["here"].search(one) for one in clauses):
            return asked
    return None


def _redirect(reply: Reply) -> str | None:
    """Another channel, unless it is the platform's own messages or what was asked for (R71)."""
    words = reply.words
    if any(words.kinds["private"].search(one) for one in reply.sentences):
        return None
    if reply.to and words.signs["channel_asked"].search(fold(reply.to)):
        return None
    return next((found for one in reply.sentences if (found := _turned(one, words))), None)


def _turned(sentence: str, words: ReplySigns) -> str | None:
    signs = words.signs
    alone = signs["calls"].search(sentence) or ROLE_MAIL.search(sentence)
    if alone:
        return alone.group()
    turn, mail = signs["turns"].search(sentence), EMAIL.search(sentence)
    if turn and mail:
        return turn.group()
    there, back = (signs["turns"], signs["channels"]), (signs["channels"], signs["turns"])
    return _pair(sentence, *there) or _pair(sentence, *back)


def _pair(sentence: str, first: re.Pattern[str], second: re.Pattern[str]) -> str | None:
    """The words from a sign to another one behind it."""
    for opening in first.finditer(sentence):
        closing = second.search(sentence, opening.end(), opening.end() + REACH)
        if closing:
            return sentence[opening.start() : closing.end()]
    return None


def _exposed(reply: Reply) -> str | None:
    """How many places show personal data; a company's own line is none. Never the data itself."""
    theirs = [one for one in reply.sentences if not _turned(one, reply.words)]
    shown = [one[start:end] for one in theirs for start, end in personal_places(one)]
    count = sum(not FREE_PHONE.match(one) for one in shown)
    return f"places with personal data: {count}" if count else None


def _is_proportionate(reply: Reply) -> bool:
    """No line to a story, no speech to a word (R70); a closing or an answer may be brief."""
    size, theirs = len(reply.text), len(reply.to or "")
    owes = reply.kind in {ReplyKind.acknowledgement, ReplyKind.interim, ReplyKind.private}
    if owes and theirs >= LONG_POST and size * SHORT_SHARE < theirs:
        return False
    return size <= max(LONG_REPLY, LONG_SHARE * theirs)
