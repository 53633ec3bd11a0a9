"""Which language is a text in? Letters first, then small words; short Bulgarian is hardest."""

import re
from collections.abc import Mapping

KNOWN = ("ru", "bg", "en")
"""The languages that are judged; anything else goes to a language queue (R43)."""

CYRILLIC = re.compile(r"[а-яёіїєґѝѓќљњџјѕ]")
LATIN = re.compile(r"[a-zà-ÿāăąčćęěğıłńőřśşšţůűźżž]")
FOREIGN = re.compile(r"[^\W\d_a-zà-ÿāăąčćęěğıłńőřśşšţůűźżžа-яёіїєґѝ]")
WORD = re.compile(r"[a-zà-ÿğışа-яёіїєґѝ]+")

UKRAINIAN = re.compile(r"[іїєґ]")
RUSSIAN = re.compile(
    r"[ыэ]|[ьй]ш|тся\b|ться\b|(?<!мн)ого\b|ешь\b|[иа]ть\b|[уы]ю\b|ый\b|ий\b|\w{3}у\b|\w{3}ю\b|"
    r"\w{2}[уюаие]ют\b|\w{2}ой\b|\w{2}[яаею]ет\b|\w{3}ами\b|\w{3}ом\b"
)
BULGARIAN = re.compile(
    r"ъ(?![еюя])|ьо|ът\b|йто\b|ият\b|хме\b|хте\b|[кдмт]ата\b|[иклн]ето\b|\w{3}ох\b|\w{2}ци\b|"
    r"\w{2}их\b|[зсдкр]те\b|\w{3}ш[аи]й\b"
)
NEVER_BULGARIAN = re.compile(r"[ыэ]|ь(?!о)")
ENOUGH_LETTERS = 30
"""In so many letters Russian without a soft sign is rarer than Bulgarian."""


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


SMALL_WORDS: Mapping[str, frozenset[str]] = {
    "ru": _words(
        "и в не на что я он она это как но у вы мы они мне меня вам вас ваш ваша уже ещё еще "
        "есть был была были из от до для по при так же то бы если или когда где кто почему "
        "только все всё его её ее нет да с со к о об за над под очень можно нельзя тоже чтобы "
        "сейчас ничего спасибо здравствуйте привет день добрый это там тут помогите скажите "
        "верните карту рейс деньги банке такая какая помощь хочу"
    ),
    "bg": _words(
        "и в не на че аз той тя това как но ви ние те ми ме вас ваш вече още е съм са беше бяха "
        "от до за по при така же то би ако или кога къде кой защо само всички него няма да със "
        "към над под много може също сега нищо благодаря здравейте здрасти ден добър ли ще се "
        "си го я ги сте сме ти какво когато дали пък бе абе тук там имам има ни му бих нов "
        "евро лева пари всеки помогнете колко днес утре тази песен моля кажете чакам "
        "никой имаме много искам повече живея"
    ),
    "en": _words(
        "the a an and is are was were i you he she it we they my your our me us to of in on for "
        "with at by from this that have has had not no do does did be been can will what when "
        "where why how so but just it's i'm don't can't please thanks thank hi hello all get got "
        "if or as up out now still any there app down"
    ),
    "other": _words(
        "der die das und ist nicht ich sie ein eine mit auf für wir le la les des est une pas je "
        "vous nous dans pour avec el los las una por para con que es muy mi su del il che non di "
        "ve bir bu için çok ne değil jest nie się na że moja czy și nu este pentru cu sunt mi "
        "het een niet van och att det som är inte ja ei on se"
    ),
}
LATINISED: Mapping[str, frozenset[str]] = {
    "bg": _words(
        "ne sum sam sym ste se si li che da za ot na mi vi me mnogo kakvo kak koga kude kade "
        "zashto zasto shte ste nqma nyama ima imam kartata parite moga moje mozhe molq molya "
        "blagodarq blagodarya mersi bravo vie vas az tova tazi tozi dneska dnes utre pak veche "
        "oshte nishto evala barza purviq vlqzoh sa kato tam vytre pishe gotino nai sutrin nikoi "
        "leva evro kolko ili be brat i samo"
    ),
    "ru": _words(
        "ne chto eto kak pochemu gde kogda u menya mne vas vam vy ya na nas net uzhe esche eshe "
        "spasibo privet zdravstvuyte pozhaluysta pojaluista dengi karta rabotaet deneg tolko "
        "ochen mojno mozhno skolko kto tam"
    ),
}
LETTERS: Mapping[str, str] = {
    "sht": "щ", "sh": "ш", "ch": "ч", "zh": "ж", "ts": "ц", "yu": "ю", "iu": "ю", "ya": "я",
    "ia": "я", "a": "а", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х",
    "i": "и", "j": "ж", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "я",
    "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "w": "в", "x": "х", "y": "й", "z": "з",
}  # fmt: skip
"""How people write Cyrillic with Latin letters; longest first."""


def language_of(folded: str, hint: str | None) -> str:
    """The language of a folded text: ru, bg, en, uk or other; a hint decides only ties."""
    cyrillic, latin = len(CYRILLIC.findall(folded)), len(LATIN.findall(folded))
    if len(FOREIGN.findall(folded)) > cyrillic + latin:
        return "other"
    if cyrillic * 3 >= latin and cyrillic:
        return _cyrillic(folded, hint)
    return _latin(folded, hint) if latin else _hinted(hint)


def is_latinised(folded: str, lang: str) -> bool:
    """Is it Bulgarian or Russian in Latin letters?"""
    return lang in LATINISED and len(LATIN.findall(folded)) > len(CYRILLIC.findall(folded))


def _cyrillic(folded: str, hint: str | None) -> str:
    if len(UKRAINIAN.findall(folded)) * 40 > len(folded):
        return "uk"
    words = WORD.findall(folded)
    russian = _count(words, SMALL_WORDS["ru"]) + 1.5 * len(RUSSIAN.findall(folded))
    bulgarian = _count(words, SMALL_WORDS["bg"]) + 1.5 * len(BULGARIAN.findall(folded))
    if russian == bulgarian:
        return _nearer(folded, hint)
    return "bg" if bulgarian > russian else "ru"


def _nearer(folded: str, hint: str | None) -> str:
    if hint and hint[:2] in ("ru", "bg"):
        return hint[:2]
    long = len(CYRILLIC.findall(folded)) >= ENOUGH_LETTERS
    return "bg" if long and not NEVER_BULGARIAN.search(folded) else "ru"


def _latin(folded: str, hint: str | None) -> str:
    words = WORD.findall(folded)
    english = _count(words, SMALL_WORDS["en"])
    scores = {lang: _count(words, known) for lang, known in LATINISED.items()}
    scores["other"] = _count(words, SMALL_WORDS["other"])
    best = max(scores, key=lambda lang: (scores[lang], lang))
    if scores[best] >= 2 and scores[best] > english:
        return best
    return "en" if english or not hint else _hinted(hint)


def _hinted(hint: str | None) -> str:
    lang = (hint or "en").split("-")[0].lower()
    return lang if lang in (*KNOWN, "uk") else "other"


def _count(words: list[str], known: frozenset[str]) -> int:
    return sum(word in known for word in words)
