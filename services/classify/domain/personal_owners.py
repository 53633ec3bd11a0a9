"""Whose is a number? Words around it that say "mine", "the company's", "an order's", "an advert's".

All are for folded text, English, Russian and Bulgarian in one: a number needs no language. Each is
part of a regular expression and begins a word; a comma and a blank part them.
"""

import re

from services.classify.domain.personal_words import any_of, last_of

ADVERT = any_of(
    r"""
    24/7, no call-?out, free quote, for a free, free audit, cheap rates, selling (?!fake|my), for
    sale, best price, cash today, hiring, book your table, win £, instant loan, loan up ?to,
    limited spots, webinar, embargo, donate, every pound, \d+% off, to win(?!\w), 150p, half
    price, free entry, our lines are open, txt \w+ \w* ?to, best rates, we are open, order now,
    visit us, to rent, for rent, to let, open till, open until, opt-?out, call now, invest, earn
    £, прода[мю](?!\w), куплю(?!\w), недорого, без выходных, замер бесплатно, требуются, оплата
    ежедневно, скидк\w+ до, втор\w+ в подарок, торг(?!\w), займ, без справок, розыгрыш, подача,
    ждем вас, работаем для вас, грузчики, на дому, сбор на, на лечение, лечение(?!\w), репост,
    приют\w*, перевести деньги можно, приглашаем, самовывоз, не будьте равнодушны, запись по
    телефону, под ключ, потолки, красивые номера, в рассрочку, гарантия качества, сдам, сдаю,
    работаем (?:до|с), бронь стол, прием звонков, продавам, изкупува\w+, търсим, намален\w+,
    идваме, безплатен оглед, отстъпка \d, ниски цени, хамалски, кредит до, бърз кредит, гледа на
    кафе, свободни дати, почистване на, отпушване, разпродажба, плащаме, втората е подарък,
    приемаме, заповядайте, дарете, помощ за, споделете, томбола, безплатна доставка, на месец от,
    най-евтините, без проверка, пица до, записване на, строим, под наем, работим (?:до|от),
    резервации на
    """,
)
"""The text sells, hires or collects."""
OFFER = any_of(
    r"""
    free(?!\w), cheap\w*, orders? (?:via|by|on), available, handmade, from £, from \$, [£€$]\d,
    walker, cleaner, plumber, tutor, lessons, classes, repairs?, rates?, profit\w*, loans?,
    discount\w*, быстро, дешево, отдам, даром, мастер, сантехник, электрик, услуги, ремонт,
    ипотека, кредит\w*, одобр\w+, от \d, цена, цены, заказ\w* принима, репетитор, уроки, доставка,
    бързо, евтин\w+, подарявам, водопроводчик, електротехник, заеми?, ремонти?, майстор, уроци,
    поръчки, цени, безплатн\w+, изработ\w+, превоз\w*
    """,
)
INVITES = last_of(
    r"""
    call, ring, text, dm or text, whatsapp, orders via, message, phone, звоните, позвоните,
    пишите, ватсап, обадете се, звъннете, пишете, viber, вайбер
    """,
    then=r"(?:\W{1,3}(?:us|now|on|at|по|на|в|за|номеру|today|днес|сейчас)){0,2}",
)
"""Everybody may call, not the company the author."""
AUTHOR = re.compile(
    r"(?<!\w)(?:i|i'm|i've|i'd|my|me|mine|please|pls|you've|your|you|я|мне|меня|мой|моя|мое|мои"
    r"|моей|мою|у нас|нам|нас|мы|пожалуйста|прошу|жду|вы|ваш|вас|аз|съм|ми|ме|мен|моят|моята"
    r"|моля|сме|чакам|ни|ви|вие|не|still|not|again|no|опять|снова|пак|уже|вече)(?!\w)"
)
"""Somebody tells of themselves, or that something went wrong; an advert does neither."""
COMPANY = any_of(
    r"""
    (?:e-?mail|write to|contact|call|dm|message) us(?!\w), we're sorry, please dm, queries to, our
    (?:team|lines), press office, send cv,
    (?:пришлите|отправьте|напишите|направьте|пишите|киньте|скиньте)[^.!?]{0,40} нам(?!\w),
    (?:пришлите|отправьте|сообщите|киньте|скиньте|пришлете|отправите|прислать|отправив|указав)[^.!?]{0,60}(?<!\w)(?:ваш|вашего|ваши|ссылку|номера
    участвующих|№)(?!\w), обязательно разберемся, проведем проверку, данные (?:вы )?(?:можете
    )?отправ, подключается в, обратитесь(?!\w), можете обратиться, просьба прислать,
    (?:пишете|пратете|изпратете|напишете) ни(?!\w), ще проверим
    """,
)
"""The company itself is speaking, and asks for data or names its own address."""
MY_OWN = last_of(
    r"""
    my, (?:call|ring|phone|text|reach|contact|email|whatsapp) me, me, мой, моя, мою,
    (?:перезвоните|звоните|позвоните|напишите|наберите) мне, мне, моят, номерът ми,
    (?:обадете|звъннете|пишете) ми, ми
    """,
    then=r"(?:\W{1,3}\w{1,12}){0,2}",
)
"""In front of what the author calls theirs, even in an advert."""
MY_OWN_BEHIND = re.compile(r"\W{0,3}(?:\w+\W{1,3})?(?:это мой|is mine|is my|е моят|це мой)")
ORDER = last_of(
    r"""
    order, tracking, parcel, ticket, case, claim, ref, reference, invoice, contract, request,
    serial, sn, isbn, upc, version, voucher, gift card, item, lot, error, policy, flight,
    member\w*, meter, id, build, imei, заказ\w*, трек\w*, отправлени\w+, обращени\w+, заявк\w+,
    договор\w*, накладн\w+, наряд, чек\w?, квитанц\w+, штрихкод, серийн\w+, сертификат\w*,
    артикул, арт, исх, показани\w+, уин, огрн, айпи, рейс, курс, тикет, претензи\w+, поръчк\w+,
    товарителниц\w+, пратк\w+, колет\w?, сигнал\w*, фактур\w+, щета, баркод, сериен, ваучер,
    преписка, полет, талон, полис\w*, полиц\w+, инвентарн\w+, заявлени\w+, купон, клиентски,
    абонат\w*, еик, договор, булстат, жалба, касов бон, вх, porachk\w+, poruchk\w+, №
    """,
    then=r"(?:\W{1,3}(?:id|no|nr|number|номер\w{0,3}|ref|is|e|е|ми|на|мой"
    r"|tracking|was|cert|card|code|clm|inv|[a-zа-я]{1,3})){0,4}",
)
"""In front of a number that is an order's, a product's, a letter's."""
TOLL_FREE = re.compile(
    r"[78]?800\d{7}|(?:00)?1?8(?:00|88|77|66|55)\d{7}|0(?:800|808)\d{4,7}|0700\d{5}"
    r"|0(?:3[0347][03457]|84[45]|87[01])\d{7}|00118005\d+"
)
"""Digits of a number that is free for those who call, or a company's by its prefix."""
STRANGERS = last_of(
    r"""
    help ?line, hot ?line, support line, call cent(?:er|re), customer service, press, reception,
    (?:rang|called|phoned|calling), stranger from, some\w* (?:on|from|at), table on, trying to
    call?, came from, (?:calls?|called) from, calls? me from, called me from, our(?:\W\w+){1,3},
    your(?:\W\w+){1,2} (?:is|was|says), горяч\w+ лини\w+, справочн\w+(?: \w+)?, регистратур\w*,
    такси, пицц\w*, в кц, кол\w?.центр\w?, контакт.центр\w?, кол.център\w*, кто-то, някой, (?:по
    номеру|по телефону), (?:по|за)?звон(?:ил[аи]?|ю|им), как\w+-то, някакъв, някой от, обажда\w+
    се, звъня, звонят(?:\W{1,2}\w+){0,4}, отправ\w+(?:\W{1,2}\w+){0,4} на номер, сделайте вызовы,
    сообщени\w+(?: \S+)? на, (?:на|с) номер\w* (?=\d), звънят(?: \w+)?, звънях, гореща\w+(?: \w+)?
    лини\w+, регистратура\w*, записване, служебния, local(?:\W\w+){1,5}
    """,
    then=r"(?:\W{0,2}(?:on|at|to|на|по|с|от|номер\w?|from|number|номеров|is|и)){0,3}",
)
"""In front of a phone number that belongs to a company or to a stranger who called."""
STRANGER_BEHIND = any_of(
    r"""
    и бросает, звонит(?!е), звъни(?!\w), keeps calling, is that you, это вы, ваш ли, claims,
    pretend, представля, се представя, предлага, не отвеча, не отговар, не вдига, вечн, занят,
    заето, nobody, plays, no answer, музык
    """,
)
ASKED_BEHIND = re.compile(
    r"\W{0,2}(?:is (?:that|it) you|you\?|really yours|это вы|ваш ли|bounces|ли е|ваш\?"
    r"|не приним)"
)
"""Behind what the author asks about: is it the company's?"""
ROLE = re.compile(
    r"(?:support|info|help|hello|sales|office|contact|care|customers?\w*|services?|press"
    r"|no-?reply|jobs|events|admin|security|complaints|claims|bookings?|reservations|feedback"
    r"|team|hr|marketing|pr|clients?|klient\w*|orders?|profits?|pomogite|social|blogs|mail"
    r"|kredit|zaim|zakaz|job|enquiries|reklama|obrat\w*|\w{1,8}[-_.](?:help|service|support))@"
)
"""The mailbox of a role, not of a person."""
THEIR_MAIL = last_of(
    r"""
    us at, wrote to, written to, emailed, писал[аи]? на, писах (?:на|до), обращал\w+ (?:на|в),
    (?:sent|send) (?:it |this )?to, отправил\w? на, изпратих на, пратих на, адрес на, письмо от,
    имейл от, mail from
    """,
    then=r"",
)
PRIVATE = re.compile(
    r".*@(?:gmail|yahoo|hotmail|outlook|icloud|proton\w*|aol|live|gmx|ya|yandex|mail|inbox|list"
    r"|bk|rambler|abv|dir|googlemail|ukr|gbg)\."
)
"""A provider where people have their mail."""
