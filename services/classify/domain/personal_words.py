"""What is a number? Words that say phone, document, account, booking, birth, somebody's home.

All are for folded text, English, Russian and Bulgarian in one: a number needs no language. Each is
part of a regular expression and begins a word; a comma and a blank part them.
"""

import re


def any_of(words: str) -> re.Pattern[str]:
    """One expression for all the words, wherever one of them begins."""
    return re.compile(rf"(?<!\w)(?:{_either(words)})")


def last_of(words: str, *, then: str) -> re.Pattern[str]:
    """One expression for the words where nothing but ``then`` stands behind them."""
    return re.compile(rf"(?<!\w)(?:{_either(words)}){then}\W{{0,4}}\Z")


def _either(words: str) -> str:
    return "|".join(" ".join(words.split()).split(", "))


SAYS_PHONE = last_of(
    r"""
    (?:phone|mobile|cell|call|ring|text|whatsapp|tel|contact|тел|моб|звон|перезвон|набер|ватсап)\w{0,7},
    (?:вайбер|viber|связ|свяж|обад|звън|zvun|obad)\w{0,7}, семь
    """,
    then=r"(?:\W{1,3}\w{1,10}){0,3}",
)
SAYS_NUMBER = last_of(
    r"""
    номер\w{0,3}, number, nomer\w{0,2}, логин, абонент
    """,
    then=r"(?:\W{1,3}\w{1,10}){0,2}",
)
DOCUMENT = last_of(
    r"""
    passport, паспорт\w{0,3}, загран\w{0,8}, личн\w+(?: \w+)? карта, лк, (?:егн|egn)\S{0,4},
    снилс, snils, driving licen[cs]e, водительск\w+, права, шофьорска книжка, ssn, national
    insurance, nhs, полис омс
    """,
    then=r"(?:\W{1,3}(?:no|nr|number|номер\w?|is|серия|серии|е|ми|мой|[a-z]{1,6}|\d{2}"
    r"|\d{4})){0,5}",
)
"""In front of a document's number."""
TAX = last_of(
    r"""
    инн
    """,
    then=r"(?:\W{1,3}(?:мой|физлица)){0,1}",
)
"""In front of an INN: a person's has twelve digits, a company's ten."""
ACCOUNT = last_of(
    r"""
    a/c, acct?, account, sort code [\d-]{6,8} account
    """,
    then=r"(?: ?(?:no|number|num|номер|is|е|мой)){0,2}",
)
SAYS_MAIL = last_of(
    r"""
    e-?mail\w*, mail, почт\w+, имейл\w*, мейл\w*, логин, account, акаунт\w*, потребител, username,
    from, с, от, под, пишите, пишете, пришлите, пратете, напишите, send, resend, receipt
    """,
    then=r"(?:\W{1,3}\w{1,12}){0,3}",
)
CARD = any_of(
    r"""
    card, visa, mastercard, карт, kart, деб, кредитк
    """,
)
BOOKING = last_of(
    r"""
    booking, booked, ref, reservation, conf, confirmation, pnr, locator, res, reference, record,
    брон\w{0,9}, резервац\w{0,4}, билет\w{0,2}
    """,
    then=r"(?:\W{1,4}[^\W\d]{1,14}){0,6}",
)
CODED = re.compile(
    r"(?:(?:pnr|code|ref\.?|reference|number|no|locator|код|номер|conf"
    r"|бронировани\w)\W{0,3}(?:is |е )?|[(:])\Z"
)
"""Directly in front of a code that is nothing but letters."""
PROMO = last_of(
    r"""
    code, promo, промокод\w?, коду?, код, error, model, модель, версия
    """,
    then=r"(?:\W{1,3}\w{1,5})?",
)
BORN = last_of(
    r"""
    dob, d\.o\.b, born, date of birth, birth ?date, дата рождения, родил(?:ся|ась), д\.? ?р, рожд,
    роден[аио]?, род, дата(?:та)? на раждане, \w{2,20}(?:вич|вна|ична)(?: \w+)?
    """,
    then=r"(?:\W{1,3}[^\W\d]{1,12}){0,3}",
)
"""In front of a date of birth; a patronymic says it too."""
BORN_BEHIND = re.compile(r" ?г\W{0,2}р(?!\w)")
HOME = any_of(
    r"""
    my(?!\w), i live, i'm at, i am at, deliver, flat, home, moved, new place, mrs?(?!\w),
    ms(?!\w), nan(?!\w), redirect, neighbour, for the attention, address, me(?!\w), жив[уе],
    живем, мой(?!\w), моя(?!\w), мо[йеи](?!\w), адрес, достав, привезит, перенаправ, мама, соседк,
    баба(?!\w), прописан, собственник, домофон, показания, мне(?!\w), меня(?!\w), у нас, курьер,
    живея, новият, доставете, съседк, аз съм, жена(?!\w), самоотчет, ми(?!\w), при нас
    """,
)
"""Somebody's home may be meant."""
ADDRESS = last_of(
    r"""
    адрес\w*, жив[уея]\w*, доставьте, привезите, доставете, правильно, мама, соседка, заказ\w*, в
    районе
    """,
    then=r"(?:\W{1,3}[\w-]{1,12}){0,5}",
)
PREMISES = any_of(
    r"""
    shops?(?!\w), opening, stores?(?!\w), branch, office, opened, gift, pothole, hydrant, traffic,
    the light, junction, crossing, cash machine, depot, museum, platform, магазин, отделени,
    салон, банкомат, аптек, сто(?!\w), светофор, остановк, офис, столов, приходите, ждем, открыва,
    открыли, больничн, обект, поликлиник, спирка, лампа, сервиз, клон, стълб, елате, отворихме,
    спиране, разкопан, скидк, работаем, справка, сдан, площад, филиал, касса, рынок, пазар
    """,
)
"""A shop, an office or a street is meant, nobody's home."""
