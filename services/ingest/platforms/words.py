"""What does HTML say when only its words are kept? Plain text with its line breaks."""

import html
import re

_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})[^<>]*>|<![^<>]*>")
_SPACES = re.compile(r"[^\S\n]+")
_EDGES = re.compile(r" ?\n ?")
_GAPS = re.compile(r"\n{3,}")
_HIDDEN = frozenset({"script", "style", "template", "noscript", "iframe", "object"})
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "hr"})


def words_of(markup: str) -> str:
    """The words of HTML: no tags, nothing of scripts; what was escaped is text again."""
    said, place, hidden = [], 0, ""
    for tag in _TAG.finditer(markup):
        closing, name = tag[1] == "/", (tag[2] or "").lower()
        if not hidden:
            said.append(markup[place : tag.start()])
        if name in _BREAKS:
            said.append("\n")
        if name in _HIDDEN and (not hidden or (closing and name == hidden)):
            hidden = "" if closing else name
        place = tag.end()
    if not hidden:
        said.append(markup[place:])
    spaced = _SPACES.sub(" ", html.unescape("".join(said)))
    return _GAPS.sub("\n\n", _EDGES.sub("\n", spaced)).strip()
