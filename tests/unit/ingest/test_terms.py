"""A text names the brand in any case form, in either script, with a slip of the finger.

The inputs that break the easy version: a Bulgarian article behind the name, a name of two words
of which both are inflected, a common word that only looks like the name. Tables by hand.
"""

import msgspec
import pytest

from services.ingest.domain.receipt import Seen
from services.ingest.domain.terms import named
from tests.unit.ingest.deliveries import BANK as ACCOUNT
from tests.unit.ingest.deliveries import NOW, said, the_post

BANK = ("Севербанк", "северный банк")
AIR = ("БалканЕър", "Balkan Air")
SHOP = ("Лавка",)
NAMED = [
    (BANK, "Севербанк, где мои деньги?"),
    (BANK, "Опять этот севербанк..."),
    (BANK, "в СЕВЕРБАНКЕ никто не отвечает"),
    (BANK, "Довольна Севербанком"),
    (BANK, "жду от Севербанка ответа"),
    (BANK, "с Северным банком не связывайтесь"),
    (BANK, "карта северного банка не работает"),
    (BANK, "severbank blocked my card"),
    (BANK, "Severbank's app is down"),
    (BANK, "@severbank ответьте"),
    (BANK, "#севербанк"),
    (BANK, "Севербнак украл деньги"),
    (BANK, "Севебанк, ау"),
    (BANK, "Север-банк молчит"),
    (BANK, "север банк молчит"),
    (AIR, "БалканЕър пак закъсня"),
    (AIR, "balkanair lost my bag"),
    (AIR, "Balkan Air lost my bag"),
    (AIR, "Balkan-Air lost my bag"),
    (AIR, "с Балкан Еър не се лети"),
    (AIR, "Полетът на балканеър беше отменен"),
    (AIR, "balkanеar закъсня"),
    (SHOP, "заказал в Лавке"),
    (SHOP, "Лавку закрыли"),
    (SHOP, "Лавката не отговаря"),
    (SHOP, "lavka ne rabotaet"),
    (SHOP, "Lavka's courier"),
]
NOT_NAMED = [
    (BANK, "северный ветер"),
    (BANK, "банк не работает"),
    (BANK, "северный ветер, а банк закрыт"),
    (BANK, "Серебряный банкет"),
    (BANK, ""),
    (BANK, "сервер банка лежит"),
    (AIR, "Балканите са красиви"),
    (AIR, "the Balkan states and air travel"),
    (AIR, "balkan fair"),
    (SHOP, "главка книги"),
    (SHOP, "лавина сошла"),
    (SHOP, "булавка"),
    (SHOP, "лавры победителя"),
]


@pytest.mark.parametrize(("terms", "text"), NAMED)
def test_the_brand_is_named(terms: tuple[str, ...], text: str) -> None:
    assert named(text, terms)


@pytest.mark.parametrize(("terms", "text"), NOT_NAMED)
def test_something_else_is_named(terms: tuple[str, ...], text: str) -> None:
    assert named(text, terms) == ()


def test_it_says_which_term_as_it_is_configured_and_each_once() -> None:
    text = "Севербанк! северный банк! СЕВЕРБАНКУ!"

    assert named(text, BANK) == BANK
    assert named(text, ()) == ()


def test_a_long_text_is_read_in_time_that_grows_with_it() -> None:
    """10^5 words that all begin like the name: what is looked at is bounded by the text."""
    text = "севербанан " * 100_000

    assert named(text, BANK) == ()


def test_the_brands_names_in_title_and_text_travel_with_the_post() -> None:
    account = msgspec.structs.replace(ACCOUNT, terms=("Севербанк", "Северный банк", "Lavka"))

    post = the_post(
        said(title="За Северния банк", text="в севербанке"),
        Seen(account=account, received_at=NOW),
    )

    assert post.brand_terms == ("Севербанк", "Северный банк")
