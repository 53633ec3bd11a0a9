"""Does the post speak to the brand? What the platform knows wins over what the text suggests."""

from schemas.posts import SocialPost
from schemas.vocabulary import Addressed, Kind, Space, Visibility

PERSONAL_KINDS = (Kind.message, Kind.call, Kind.letter, Kind.sms, Kind.visit)


def addressed_of(post: SocialPost, said: Addressed) -> Addressed:
    """Direct by place, tag or kind (R18); an answer to somebody else is what it says."""
    if _speaks_to_brand(post):
        return Addressed.direct
    if post.space is Space.own_page:
        return _on_own_page(post, said)
    if post.space in (Space.review, Space.mention) and said is Addressed.none:
        return Addressed.mention if _found_by_name(post) else said
    return said


def _speaks_to_brand(post: SocialPost) -> bool:
    private = post.space is Space.dm or post.visibility is Visibility.private
    return private or post.kind in PERSONAL_KINDS or tags_brand(post)


def _on_own_page(post: SocialPost, said: Addressed) -> Addressed:
    answers_somebody = post.kind is Kind.reply and post.parent_id not in (None, post.root_id)
    if not answers_somebody:
        return Addressed.direct
    return Addressed.mention if said is Addressed.none else said


def _found_by_name(post: SocialPost) -> bool:
    return post.space is Space.review or post.kind is Kind.mention


def tags_brand(post: SocialPost) -> bool:
    """Is the brand or its account among the tags?"""
    if not post.mentions:
        return False
    names = {_plain(post.brand), _plain(post.account)}
    return any(_plain(tag) in names for tag in post.mentions)


def _plain(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
