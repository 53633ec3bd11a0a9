"""How does personal data look? The shapes of numbers, codes and addresses, in folded text.

Every pattern is bounded and begins with a digit or a sign, so that no text can make it slow.
"""

import re

GAP = r"[ \u00a0\u2009\u202f.\-\u2010-\u2013]"
START = r"(?<![\w@/=+-])(?<!\d[.,:])(?<!\d )(?<!\d\) )"
END = r"(?![\w@])(?![-.,:/]\d)"

PLACEHOLDER = re.compile(
    r"[\[<{](?:phone|e-?mail|card|iban|address|passport|document|name|egn|inn|snils)"
    r"[^\]>}]{0,12}[\]>}]|__email__"
)
"""What ingest, or a data set, put in place of personal data."""
EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.[^\W\d_]{2,12}(?!\w)"
)
CARD = re.compile(
    rf"{START}\d{{4}}(?:{GAP}?\d{{4}}){{3}}(?:{GAP}?\d{{2,3}})?{END}"
    rf"|{START}3[47]\d\d{GAP}?\d{{6}}{GAP}?\d{{5}}{END}"
)
IBAN = re.compile(r"(?<!\w)[a-z]{2}\d{2}(?: ?[a-z]{4}| ?\d{4})(?: ?[a-z\d]{4}){2,6}"
                  r"(?: ?[a-z\d]{1,3})?(?!\w)")  # fmt: skip
PHONE = re.compile(
    rf"{START}(?:"
    rf"(?:\+|00)[1-9](?:{GAP}?\(?\d\)?){{7,13}}"
    rf"|[78]{GAP}?\(?[3489]\d{{2}}\)?(?:{GAP}?\d){{7}}"  # Russia
    rf"|[78]{GAP}?\(\d{{4,5}}\)(?:{GAP}?\d){{5,6}}"
    rf"|\(?9\d{{2}}\)?{GAP}?\d{{3}}{GAP}?\d{{2}}{GAP}?\d{{2}}"
    rf"|0(?:8[789]|9[89])(?:{GAP}?\d){{7}}"  # Bulgaria
    rf"|0\d{{1,3}}[ /-]{{1,2}}\d{{3}}{GAP}?\d{{3,4}}"
    rf"|0\d{{2}}{GAP}?\d{{3}}{GAP}?\d{{2}}{GAP}?\d{{2}}"
    rf"|0[1237](?:{GAP}?\d){{8,9}}"  # Great Britain
    rf"|\(\d{{3}}\){GAP}?\d{{3}}{GAP}\d{{4}}|\d{{3}}[-. ]\d{{3}}[-. ]\d{{4}}|555-\d{{4}}"
    rf"|\d{{5}} \d{{5}}"  # India
    rf"){END}"
)
DIGITS = re.compile(rf"{START}(?:[a-z]{{1,2}})?\d(?:{GAP}?\d){{5,19}}{END}")
"""Some number: a phone or a document where a word says so."""
CLOSE = re.compile(r"[0-9](?:[^\w\n]{0,3}[0-9]){4}")
"""Five digits near each other: without them there is none of the above but mail."""
INSURANCE = re.compile(r"(?<!\w)(?:\d{3}-\d{3}-\d{3}[ -]\d{2}|\d{3}-\d{2}-\d{4}"
                       r"|[a-z]{2} ?\d{6} ?[a-d])(?![\w-])")  # fmt: skip
"""Russian, American and British numbers of the insured: SNILS, SSN, NI."""
CODE = re.compile(r"(?<![\w@#/.-])[A-Z\d]{6}(?![-/]?\w)")
"""A booking's six signs, in the original text."""
MIXED = re.compile(r"(?!N\d+[A-Z]+$)[A-Z]*\d+[A-Z]+[A-Z\d]*")
"""Letters behind digits: a booking and no flight, aircraft, model or promotion."""
_MONTH = (
    r"(?:jan|feb|mar|apr|may|ju[nl]|aug|sep|oct|nov|dec"
    r"|янв|фев|мар|апр|ма[йя]|ю[нл]и|и[юл][нл]|авг|сен|окт|но[яе]|дек)\w{0,7}"
)
DATE = re.compile(
    rf"(?<![\w.])\d{{1,2}}(?:[./-]\d{{1,2}}[./-](?:\d{{4}}|\d{{1,2}})| {_MONTH} \d{{4}})(?!\w)"
    r"|(?<!\w)(?:19|20)\d\d(?= ?г\W{0,2}р)"
)
DATED = re.compile(r"[0-9](?:[./-][0-9]{1,2}[./-]|[0-9]{3})")
"""Without it there is no date in figures, and no year."""
HOUSE = re.compile(
    r"[0-9](?<![\w:/-]\d)(?<!\d[.,]\d)\d{0,3}[a-zа-я]?(?:-\d{1,3}){0,2}(?![\w%:/]|[.,]\d)"
)
"""A number of a house or a flat, if the words around it say so."""
PLACED = re.compile(
    r"(?:ул|бул|кв|ап|пр|просп\w*|пер\w*|наб|шоссе|проезд|жк|ж\.к|мкр|с|село|махала|flat|apt\w*)\W"
)
"""Without it in front of a number, only a named street can make an address of it."""
STREET = re.compile(
    r"(?: [A-Z][A-Za-z'’]{1,14}){1,3} (?:Street|St|Road|Rd|Lane|Close|Avenue|Ave|Court|Drive|Row"
    r"|Cottages?|Crescent|Way|Parade|Walk|Terrace|Gardens|Mews|Yard|Place|Grove|Bank|View|Rise|Hill"
    r"|Quay|Square)(?!\w)"
)
"""Behind a house number, in the original text: an English street."""
ON_STREET = re.compile(
    r"(?<!\w)(?:ул|улица|улице|пр-т|пр|просп|проспект|пер|бул|бульвар|шоссе|наб|проезд|жк|ж\.к|кв|мкр)"
    r"\W{1,3}(?:[^\W\d]+[ .-]{0,2}){1,3}\W{0,4}(?:д\.? ?|дом |№ ?|бл\.? ?)?\Z"
    r"|(?<=\w) (?:проезд|переулок|пер|бульвар)\W{1,3}\Z"
)
IN_VILLAGE = re.compile(r"(?<!\w)(?:с\. ?|село )[^\W\d]{3,20}(?:, | махала \w+ )(?:къща )?\Z")
ON_NAME = re.compile(r"(?<!\w)[А-ЯЁ][а-яё]{3,20},? ?(?:д\.? ?|дом )?\Z")
"""In front of a house number, in the original text: a street that is only named."""
AT_FLAT = re.compile(r"(?<!\w)(?:кв|ап|flat|apt|(?<=, )(?:квартира|апартамент|apartment))\W{1,2}\Z")
ENTRANCE = re.compile(r"\W{1,3}(?:подъезд|вх|вход|ет|этаж|корпус|домофон|бл)\W{1,3}\w{1,3}(?!\w)")
POSTCODE = re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?!\w)")
