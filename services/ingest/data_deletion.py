"""How does Meta pass on a user's wish to be forgotten? Its data-deletion callback, in public."""

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request, Response

from services.ingest.admin import bounded, in_json, refused
from services.ingest.domain.erasure import Refusal, Suppression
from services.ingest.domain.fate import Unavailable
from services.ingest.domain.receipt import Keys
from services.ingest.domain.signed_request import user_of

SOURCE = "meta"
FORM_BYTES = 16_384
"""A signed request has a few hundred bytes."""


class Erasures(Protocol):
    """Who forgets authors."""

    async def erase(self, source: str, author_id: str) -> Suppression | Unavailable | Refusal:
        """Forget an author."""
        ...

    async def receipt(self, receipt_id: str) -> Suppression | None:
        """What a receipt was given for."""
        ...


def data_deletion(erasures: Erasures, keys: Mapping[str, Keys]) -> APIRouter:
    """The callback of each Meta account, by its name, and the page that its answer points to."""
    router = APIRouter(prefix=f"/v1/hooks/{SOURCE}")

    @router.post("/{account}/data-deletion")
    async def delete(account: str, request: Request) -> Response:
        """Forget the user who is named in a ``signed_request``; the code is the receipt."""
        if account not in keys:
            raise HTTPException(404)
        form = parse_qs((await bounded(request, FORM_BYTES)).decode("ascii", "replace"))
        user = user_of(form.get("signed_request", [""])[0], keys[account].secrets)
        if user is None:
            raise HTTPException(401)
        done = await erasures.erase(SOURCE, user)
        if not isinstance(done, Suppression):
            raise refused(done)
        status = request.url_for("status", account=account, receipt_id=done.receipt_id)
        return in_json({"url": str(status), "confirmation_code": done.receipt_id})

    @router.get("/{account}/data-deletion/{receipt_id}", name="status")
    async def status(account: str, receipt_id: str) -> Response:
        """When a deletion was asked for; nothing says whose."""
        found = await erasures.receipt(receipt_id) if account in keys else None
        if found is None:
            raise HTTPException(404)
        return in_json({"confirmation_code": receipt_id, "requested_at": found.requested_at})

    return router
