"""What does an event of Messenger or of Instagram's messages say? A message, its edit, its end."""

from schemas.posts import Attachment, Author
from schemas.vocabulary import Kind, Op, Space, Visibility
from services.ingest.domain.post import MANY
from services.ingest.domain.receipt import Refused
from services.ingest.domain.said import Said
from services.ingest.platforms.meta_payload import Message, Messaging
from services.ingest.platforms.wire import MaybeId, instant, shapeless, text_of, web


def page_of(given: Messaging, entry_id: MaybeId) -> str | None:
    """Whose dialogue it is: the entry's page, unless the entry names neither side.

    Instagram's test deliveries have entries of other names; there the customer is who wrote, except
    that an echo is what we wrote.
    """
    sender, recipient = _sides(given)
    page = text_of(entry_id)
    if page and page in {sender, recipient}:
        return page
    return sender if given.message and given.message.is_echo else recipient


def dialogue(given: Messaging, page: str | None, prefix: str) -> Said | Refused:
    """The message; only ``is_echo`` tells who wrote it, the sender of an echo may be either."""
    sender, recipient = _sides(given)
    customer = recipient if sender == page else sender
    message = given.message or given.message_edit or Message()
    own = text_of(message.mid)
    if own is None or page is None or customer is None:
        return shapeless("a message with `mid`, `sender` and `recipient`")
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
