"""What does a status of Mastodon's say? Its plain words, its author by name and server."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from schemas.posts import Attachment, Author, Reach
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import MANY
from services.ingest.domain.said import Said
from services.ingest.platforms.mastodon_payload import Account, Status
from services.ingest.platforms.wire import instant, text_of, web
from services.ingest.platforms.words import words_of

_VISIBILITY = {
    "public": Visibility.public,
    "unlisted": Visibility.unlisted,
    "private": Visibility.private,
    "direct": Visibility.private,
}


def said_of(status: Status, op: Op, own: frozenset[str]) -> Said:
    """The status in our words; whose it is by the account's own ids."""
    author = _author(status.account, own)
    return Said(
        op=op,
        id=f"mastodon:{status.uri}",
        kind=_kind(status),
        space=_space(status, author),
        visibility=_VISIBILITY.get(status.visibility or "public", Visibility.unknown),
        text=words_of(status.content or ""),
        title=status.spoiler_text or None,
        author=author,
        parent_id=f"mastodon:local:{status.in_reply_to_id}" if status.in_reply_to_id else None,
        reposted_id=f"mastodon:{status.reblog.uri}" if status.reblog else None,
        posted_at=instant(status.created_at),
        edited_at=instant(status.edited_at),
        attachments=tuple(_attachments(status))[:MANY],
        mentions=tuple(f"@{one.acct}" for one in status.mentions or ())[:MANY],
        reach=_reach(status),
        url=web(status.url),
        lang=status.language,
    )


def _kind(status: Status) -> Kind:
    if status.reblog:
        return Kind.repost
    if status.visibility == "direct":
        return Kind.message
    return Kind.reply if status.in_reply_to_id else Kind.post


def _space(status: Status, author: Author) -> Space:
    if status.visibility == "direct":
        return Space.dm
    return Space.own_page if author.is_brand else Space.mention


def _author(account: Account, own: frozenset[str]) -> Author:
    """``name@server``, also for people of the server that tells; it knows its own by number too."""
    address = _address(account)
    return Author(
        id=address,
        handle=account.acct,
        name=account.display_name or None,
        followers=account.followers_count,
        is_brand=not own.isdisjoint({address, text_of(account.id)}),
    )


def _address(account: Account) -> str:
    try:
        host = urlsplit(account.url or "").hostname
    except ValueError:
        host = None
    return f"{account.acct}@{host}" if host and "@" not in account.acct else account.acct


def _attachments(status: Status) -> Iterator[Attachment]:
    for one in status.media_attachments or ():
        yield Attachment(kind=one.type or "unknown", url=web(one.url))


def _reach(status: Status) -> Reach:
    return Reach(
        likes=status.favourites_count,
        replies=status.replies_count,
        reposts=status.reblogs_count,
    )
