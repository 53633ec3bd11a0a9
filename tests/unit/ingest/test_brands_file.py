"""The brands' file is typed, and what is wrong with it has a place.

The inputs that break the easy version: a misspelt key two levels down, an id that YAML reads as a
number, the secret itself where its name belongs.
"""

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from schemas.yaml_marks import read_yaml
from services.ingest.domain.brands import BadBrands, Person, read_brands
from services.ingest.domain.receipt import Seen
from services.ingest.platforms.table import PLATFORMS
from tests.unit.ingest.deliveries import BANK, NOW, said, the_post

EXAMPLE = Path("services/ingest/brands.example.yaml").read_text(encoding="utf-8")
FILE = """
brands:
  severbank:
    accounts:
      - source: generic
        id: bank
        channel_role: service
        own_ids: ["1"]
        secrets: [SEVERBANK_HOOK_SECRET]
"""


def test_the_example_has_the_three_companies() -> None:
    accounts = read_brands(EXAMPLE, PLATFORMS)

    assert {where[1]: (one.brand, one.secrets) for where, one in accounts.items()} == {
        "bank": ("severbank", ("SEVERBANK_HOOK_SECRET",)),
        "airline": ("balkanair", ("BALKANAIR_HOOK_SECRET",)),
        "shop": ("lavka", ("LAVKA_HOOK_SECRET",)),
    }
    for one in accounts.values():
        assert one.own_ids
        assert one.bot_ids
        assert one.channel_role == "service"


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        (
            "own_ids",
            "own_id",
            "line 8, column 9: $.brands.severbank.accounts[0].own_id: "
            "unknown field `own_id`, did you mean `own_ids`?",
        ),
        ('["1"]', "[1]", "$.brands.severbank.accounts[0].own_ids[0]: Expected `str`, got `int`"),
        ("SEVERBANK_HOOK_SECRET", "whsec_c2VjcmV0", "$.brands.severbank.accounts[0].secrets[0]"),
        ("[SEVERBANK_HOOK_SECRET]", "[A, B, C]", "$.brands.severbank.accounts[0].secrets"),
        ("role: service", "role: sales", "$.brands.severbank.accounts[0].channel_role"),
        ("generic", "fax", "$.brands.severbank.accounts[0].source: expected one of "),
        (
            "        id: bank\n",
            "",
            "$.brands.severbank.accounts[0]: Object missing required field `id`",
        ),
        ("accounts:", "account:", "$.brands.severbank"),
        ("brands:", "brand:", "line 2, column 1: $.brand: unknown field `brand`"),
        ("id: bank", "id: a/b", "$.brands.severbank.accounts[0].id"),
        ("brands:", "brands: [", "line"),
        (FILE, "", "$: Expected `object`, got `null`"),
    ],
)
def test_what_is_wrong_has_a_place(before: str, after: str, place: str) -> None:
    with pytest.raises(BadBrands) as caught:
        read_brands(FILE.replace(before, after, 1), PLATFORMS)

    assert place in str(caught.value)
    assert "c2VjcmV0" not in str(caught.value)


def test_an_account_stands_once() -> None:
    twice = FILE + FILE.replace("brands:\n", "").replace("severbank", "other")

    with pytest.raises(
        BadBrands, match=r"other\.accounts\[0\]\.id: expected each source and id once"
    ):
        read_brands(twice, PLATFORMS)


PEOPLE = """
brands:
  severbank:
    terms: [Севербанк]
    people:
      - {source: generic, id: "7", role: vip, until: 2026-12-31T00:00:00Z}
      - {source: generic, id: "7", role: press, until: 2026-06-30T00:00:00+03:00}
      - {source: vk, id: "8", role: press, until: 2026-12-31T00:00:00Z}
    accounts:
      - {source: generic, id: bank, channel_role: service, terms: [Severbank, Севербанк]}
"""


def test_an_account_knows_the_brands_people_of_its_source_and_all_terms() -> None:
    account = read_brands(PEOPLE, PLATFORMS)["generic", "bank"]

    assert {key: [one.role for one in who] for key, who in account.people.items()} == {
        "7": ["vip", "press"]
    }
    assert account.terms == ("Севербанк", "Severbank")


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("role: vip", "role: star", "$.brands.severbank.people[0].role"),
        (", until: 2026-12-31T00:00:00Z", "", "line 6, column 9: $.brands.severbank.people[0]"),
        ("2026-12-31T00:00:00Z", "2026-12-31", "$.brands.severbank.people[0].until"),
        ("terms: [Севербанк]", "terms: [С]", "line 4, column 13: $.brands.severbank.terms[0]"),
        ("    people:", "    terms: []\n    people:", "each key once"),
    ],
)
def test_what_is_wrong_with_people_has_a_place(before: str, after: str, place: str) -> None:
    with pytest.raises(BadBrands) as caught:
        read_brands(PEOPLE.replace(before, after, 1), PLATFORMS)

    assert place in str(caught.value)


def by_the_schema(text: str) -> list[str]:
    """What the schema for editors has against a file."""
    schema = json.loads(Path("services/ingest/brands.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    found = Draft202012Validator(schema).iter_errors(read_yaml(text).value)
    return [error.json_path for error in found]


@pytest.mark.parametrize("text", [EXAMPLE, FILE, PEOPLE])
def test_the_schema_for_editors_takes_what_the_reader_takes(text: str) -> None:
    assert by_the_schema(text) == []


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        (FILE, "own_ids", "own_id"),
        (FILE, '["1"]', "[1]"),
        (FILE, "role: service", "role: sales"),
        (FILE, "[SEVERBANK_HOOK_SECRET]", "[A, B, C]"),
        (FILE, "accounts:", "account:"),
        (PEOPLE, "role: vip", "role: star"),
        (PEOPLE, "terms: [Севербанк]", "terms: [С]"),
    ],
)
def test_the_schema_for_editors_refuses_what_the_reader_refuses(
    text: str, before: str, after: str
) -> None:
    assert by_the_schema(text.replace(before, after, 1))


def test_people_are_listed_by_id_and_until_an_instant() -> None:
    until = NOW + timedelta(seconds=1)
    vip = Person(source="generic", id="anna", role="vip", until=until)
    press = Person(source="generic", id="anna", role="press", until=NOW)
    account = msgspec.structs.replace(BANK, people={"anna": (vip, press)})

    now = the_post(said(), Seen(account=account, received_at=NOW)).author
    later = the_post(said(), Seen(account=account, received_at=until)).author
    namesake = the_post(
        said(author={"id": "other", "name": "anna"}), Seen(account=account, received_at=NOW)
    ).author

    assert now is not None
    assert later is not None
    assert namesake is not None
    assert (now.is_vip, now.is_press) == (True, None)
    assert (later.is_vip, namesake.is_vip) == (None, None)
