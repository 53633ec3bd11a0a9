"""What does an event of Messenger or of Instagram's messages say? A message, its edit, its end."""

from collections.abc import Collection

from schemas.posts import Attachment, Author
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import MANY
from services.ingest.domain.receipt import Refused
from services.ingest.domain.said import Said
from services.ingest.platforms.meta_payload import Message, Messaging
from services.ingest.platforms.wire import MaybeId, instant, shapeless, text_of, web


def page_named(given: Messaging, entry_id: MaybeId) -> str | None:
    """The entry's page where it is a side of the dialogue, as real deliveries have it."""
    page = text_of(entry_id)
    return page if page in _sides(given) else None


def page_guessed(given: Messaging, entry_id: str, own_ids: Collection[str]) -> str | None:
    """The page of a sample, whose entries bear other names; None where it is none of ours.

    One of our ids may be a side; else the customer is who wrote, except that an echo is ours.
    """
    sender, recipient = _sides(given)
    ours = [side for side in (recipient, sender) if side in own_ids]
    if ours:
        return ours[0]
    if own_ids and entry_id not in own_ids:
        return None
    return sender if given.message and given.message.is_echo else recipient


def dialogue(given: Messaging, page: str, prefix: str) -> Said | Refused:
    """The message; only ``is_echo`` tells who wrote it, the sender of an echo may be either."""
    sender, recipient = _sides(given)
    customer = recipient if sender == page else sender
    message = given.message or given.message_edit or Message()
    own = text_of(message.mid)
    if own is None or customer is None:
        return shapeless("a message with `mid` and a customer")
    at, op = instant(given.timestamp), _op(given)
    answered = text_of(message.reply_to.mid) if message.reply_to else None
    author = page if message.is_echo or sender == page else customer
    return Said(
        op=op,
        id=f"{prefix}:{own}",
        kind=Kind.message,
        space=Space.dm,
        visibility=Visibility.private,
        text=message.text or "",
        author=Author(id=author),
        deleted_by=author if op is Op.deleted else None,
        conversation_id=f"{prefix}:{page}_{customer}",
        parent_id=f"{prefix}:{answered}" if answered else None,
        posted_at=at if op is Op.created else None,
        edited_at=at if op is Op.edited else None,
        event_at=at,
        attachments=_attachments(message),
    )


def _sides(given: Messaging) -> tuple[str | None, str | None]:
    sender, recipient = given.sender, given.recipient
    return text_of(sender.id) if sender else None, text_of(recipient.id) if recipient else None


def _op(given: Messaging) -> Op:
    if given.message is None:
        return Op.edited
    return Op.deleted if given.message.is_deleted else Op.created


def _attachments(given: Message) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(kind=one.type, url=web(one.payload.url) if one.payload else None)
        for one in (given.attachments or ())[:MANY]
    )
