"""What senders and operators copy from the docs is read as the page says.

The inputs that break the easy version: a signature whose body differs by a byte, an environment
variable that nobody refers to, a field that the format has no longer.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from services.ingest.domain.brands import read_brands
from services.ingest.domain.receipt import Delivery, Keys
from services.ingest.platforms import generic, reported
from services.ingest.platforms.generic_post import GenericPost
from services.ingest.platforms.reported import ReportedReply
from services.ingest.platforms.table import PLATFORMS
from stream.tokens import Tokens

ACCOUNTS = Path("docs/accounts.md").read_text(encoding="utf-8")
SEND = Path("docs/send-a-post.md").read_text(encoding="utf-8")
REPORT = Path("docs/report-an-answer.md").read_text(encoding="utf-8")


def block(page: str, head: str) -> str:
    (found,) = re.findall(rf"^```{re.escape(head)}\n(.*?)^```$", page, flags=re.M | re.S)
    return str(found)


def fields_in(page: str) -> set[str]:
    """The names in the first column of the page's tables."""
    cells = re.findall(r"^\| (`[a-z_`, ]+`) \|", page, flags=re.M)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_the_accounts_of_the_page_are_read_and_each_of_their_variables_is_explained() -> None:
    accounts = read_brands(block(ACCOUNTS, "yaml brands.yaml"), PLATFORMS)

    named = {one for spec in accounts.values() for one in (*spec.secrets, spec.handshake) if one}
    assert named == set(re.findall(r"^    (LAVKA_\w+)=", ACCOUNTS, flags=re.M))
    for source, name in accounts:
        assert f"https://HOST/v1/hooks/{source}/{name}\n" in ACCOUNTS


def test_every_source_has_a_row() -> None:
    rows = re.findall(r"^\| (\w+) \|", ACCOUNTS, flags=re.M)

    assert set(rows) - {"source", "key"} == PLATFORMS.keys() - {"bulk"}


def test_the_signature_of_the_page_is_that_of_its_body_and_of_no_other() -> None:
    (body,) = re.findall(r"^BODY='(.*)'$", SEND, flags=re.M)
    given = dict(re.findall(r"^\| `?(secret|webhook-\w+)`? \| `(.*)` \|$", SEND, flags=re.M))
    keys = Keys(secrets=(given["secret"],))
    then = datetime.fromtimestamp(int(given["webhook-timestamp"]), UTC)
    mine, other = (
        Delivery(headers=given, query={}, body=sent.encode()) for sent in (body, f"{body} ")
    )

    assert generic.verify(mine, keys, then)
    assert not generic.verify(other, keys, then)


def test_every_field_of_a_post_and_of_a_reply_has_a_row() -> None:
    assert fields_in(SEND) == set(GenericPost.__struct_fields__)
    assert fields_in(REPORT) >= set(ReportedReply.__struct_fields__)


def test_the_reply_of_the_page_is_one_and_its_file_of_tokens_has_that_shape(tmp_path: Path) -> None:
    reply = reported.DECODER.decode(block(REPORT, "json reply.json"))
    tokens = tmp_path / "tokens.yaml"
    tokens.write_text(block(REPORT, "yaml tokens.yaml").replace("HASH", "0" * 64))

    assert (reply.in_reply_to, reply.post_id) == ("p1", None)
    assert Tokens(str(tokens)).caller("another", datetime(2026, 12, 1, tzinfo=UTC)) is None


def test_the_event_of_the_page_is_an_edit_of_its_post() -> None:
    (event,) = re.findall(r"^```json\n(.*?)^```$", SEND, flags=re.M | re.S)
    headers = {"content-type": "application/cloudevents+json"}

    (native,) = generic.split(Delivery(headers=headers, query={}, body=event.encode()))

    assert native.event == "social.post.edited"
    assert msgspec.json.decode(native.post)["id"] == "ce:/shop/reviews#p2"
