# Three inputs that break the easy version:
# 1. "You idiots, where is my refund?": insult and fair claim are two axes, the claim decides;
# 2. "Could a card be stolen through a phone?": a word of theft without a theft;
# 3. "Iskra bank raised its rate": a company is named, and nobody is asked for anything.
"""Does each axis read Russian, Bulgarian and English alike?"""

import pytest

from schemas.vocabulary import CaseTopic, Disposition, Flag, Intent, Tone
from tests.unit.classify.judging import meaning


@pytest.mark.parametrize(
    "text",
    [
        "Вы охренели, уроды, третий день жду возврат денег, где они?",
        "Идиоты, за что с меня второй раз списали комиссию?",
        "Идиоти, трети ден чакам пратката си, къде е?",
        "Некадърници, два пъти ми удържахте такса!",
        "You idiots, where is my refund? Third week waiting",
        "Useless clowns, my parcel never arrived",
    ],
)
def test_rude_and_fair_is_acknowledged(text: str) -> None:
    found = meaning(text)

    assert (found.rude, found.fair_claim) == (True, True)
    assert found.disposition is Disposition.public_ack_then_private


@pytest.mark.parametrize(
    "text",
    [
        "Вы уроды и ворьё",
        "Идиоты вы все там, тупой банк.",
        "Вие сте пълни идиоти и крадци",
        "Боклуци сте, некадърници!",
        "You are useless idiots",
        "you are thieves and clowns",
    ],
)
def test_an_insult_without_a_claim_gets_no_reply(text: str) -> None:
    found = meaning(text)

    assert (found.rude, found.fair_claim, found.urgency_band) == (True, False, 0)
    assert found.disposition is Disposition.no_reply_insult


@pytest.mark.parametrize(
    "text",
    [
        "С карты сняли деньги, 40 000, пока я спал!",
        "Украли карту, помогите",
        "@iskra с карты сняли деньги ночью, заблокируйте карту!",
        "Откраднаха ми картата, блокирайте я!",
        "Някой тегли пари от сметката ми, спрете го!",
        "Откраднаха ми картата и теглят пари в момента",
        "My card was stolen, please block it",
        "Someone took money from my account at night, 2,300 gone",
        "My account has been hacked and my money is gone!",
    ],
)
def test_stolen_money_is_for_minutes(text: str) -> None:
    found = meaning(text)

    assert found.topic is CaseTopic.fraud_security
    assert found.fair_claim
    assert found.urgency >= 70
    assert found.urgency_band == 3


@pytest.mark.parametrize(
    "text",
    [
        "А карту могут украсть через телефон?",
        "Може ли да се открадне карта през телефон?",
        "Could a card be stolen through a phone?",
    ],
)
def test_asking_about_theft_is_no_theft(text: str) -> None:
    assert meaning(text).urgency < 70


@pytest.mark.parametrize(
    "text",
    [
        "Приложение не открывается, пишет ошибку сервера",
        "Сайт тоже не работает, ошибка 503",
        "Опять сбой, не работает вход",
        "Приложението не работи",
        "Приложението ви не се отваря от сутринта",
        "The app is down",
        "Your site is down again",
    ],
)
def test_an_outage_is_an_outage(text: str) -> None:
    found = meaning(text)

    assert found.topic is CaseTopic.outage_availability
    assert found.fair_claim
    assert found.urgency_band >= 2


@pytest.mark.parametrize(
    "text",
    [
        "Рейс отменили, сидим в аэропорту с детьми, ночь, отеля нет",
        "Отмениха ни полета, спим на летището с две деца",
        "Flight cancelled, stranded at the airport with two kids, no hotel",
    ],
)
def test_the_stranded_cannot_wait(text: str) -> None:
    assert meaning(text).urgency_band == 3


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        (CaseTopic.delivery_logistics, "Посылка не пришла, трек не обновляется"),
        (CaseTopic.delivery_logistics, "Пратката ми закъснява с една седмица"),
        (CaseTopic.delivery_logistics, "My parcel is a week late and nobody answers"),
        (CaseTopic.cancellation_refund, "Верните деньги за отменённый билет"),
        (CaseTopic.cancellation_refund, "Искам си парите обратно за отменения билет"),
        (CaseTopic.cancellation_refund, "I want a refund for my cancelled order"),
        (CaseTopic.account_access, "Забыл пароль, не могу войти в личный кабинет"),
        (CaseTopic.account_access, "Забравих си паролата и не мога да вляза в профила"),
        (CaseTopic.account_access, "I can't log in, password reset does nothing"),
        (CaseTopic.billing_payment, "Дважды списали платёж со счёта"),
        (CaseTopic.billing_payment, "Два пъти ми удържахте плащането по сметката"),
        (CaseTopic.billing_payment, "I was charged twice for one payment"),
    ],
)
def test_a_complaint_has_its_topic(topic: CaseTopic, text: str) -> None:
    found = meaning(text)

    assert found.topic is topic
    assert found.disposition is Disposition.public_ack_then_private


@pytest.mark.parametrize(
    "text",
    [
        "До скольки работает отделение на Ленина?",
        "Подскажите, какие документы нужны для ипотеки",
        "До колко часа работите в събота?",
        "Имате ли размер 42 от зимните обувки?",
        "What time do you open on Saturday?",
        "How do I open a second account?",
    ],
)
def test_a_calm_question_is_answered_here(text: str) -> None:
    found = meaning(text)

    assert (found.intent, found.tone) == (Intent.question, Tone.interested)
    assert found.disposition is Disposition.answer_here
    assert found.urgency_band == 1


@pytest.mark.parametrize(
    "text",
    [
        "Спасибо большое оператору Анне, всё решили за пять минут",
        "Очень люблю ваш магазин, вы молодцы!",
        "Благодаря на момичето от клона, много любезна",
        "Чудесен магазин, страхотно обслужване, браво!",
        "Thank you so much to the crew, amazing people",
        "Thank you, the new design is great!",
    ],
)
def test_praise_is_thanked(text: str) -> None:
    found = meaning(text)

    assert (found.intent, found.tone, found.urgency_band) == (Intent.praise, Tone.positive, 0)
    assert found.disposition is Disposition.thank


@pytest.mark.parametrize(
    "text",
    [
        "Искра банк поднял ставку по вкладу",
        "Тракийска банка отваря нов клон в Пловдив",
        "Northair adds two flights a week to Rome",
    ],
)
def test_talk_about_a_brand_is_only_heard(text: str) -> None:
    found = meaning(text)

    assert (found.disposition, found.urgency_band) == (Disposition.listen, 0)


@pytest.mark.parametrize(
    "text",
    [
        "Дарю промокод, переходи по ссылке https://x.example/1, розыгрыш призов",
        "Инвестируй в крипту и получай 300% в месяц, пиши в личку!",
        "Спечели 500 евро, натисни линка https://x.example/1",
        "Бърз кредит без поръчител, одобрение до 24 часа",
        "Win a free gift card, click here https://x.example/1",
        "Earn 500 a day from home! Link in my bio",
    ],
)
def test_spam_is_ignored_and_counted(text: str) -> None:
    found = meaning(text)

    assert found.disposition is Disposition.ignore_spam
    assert Flag.spam in found.flags


@pytest.mark.parametrize(
    "text",
    [
        "Третий раз пишу вам, где возврат?",
        "Верните деньги, я уже звонил и писал",
        "Пиша ви за трети път, никой не отговаря!",
        "Искам си парите обратно, писах ви два пъти",
        "I emailed you three times about my refund",
        "Still no response, been on hold for an hour",
    ],
)
def test_a_repeated_contact_is_noticed(text: str) -> None:
    assert meaning(text).repeat_contact


@pytest.mark.parametrize(
    "text",
    [
        "С меня дважды списали за один заказ, верните второй платёж",
        "Списали деньги два раза за одну поездку, верните вторую оплату",
        "Таксуваха ме два пъти за една поръчка, върнете второто плащане",
        "Два пъти ми удържахте такса за една сметка, върнете втората",
        "I was charged twice for one order, please refund the second payment",
        "You charged my card twice this month, refund the second one please",
    ],
)
def test_a_payment_taken_twice_is_no_second_contact(text: str) -> None:
    found = meaning(text)

    assert not found.repeat_contact
    assert found.topic is CaseTopic.billing_payment


@pytest.mark.parametrize(
    "text",
    [
        "Как открыть накопительный счёт?",
        "Как открыть вклад для ребёнка?",
        "Как да открия спестовна сметка?",
        "Как мога да открия сметка на детето си?",
        "How do I open a savings account?",
        "How can I open an account for my daughter?",
    ],
)
def test_how_to_open_an_account_is_asked_for_information(text: str) -> None:
    found = meaning(text)

    assert (found.intent, found.topic) == (Intent.question, CaseTopic.information)
    assert found.disposition is Disposition.answer_here


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        (Flag.legal, "Подам на вас в суд, мой адвокат готовит иск"),
        (Flag.legal, "Ще ви съдя, подавам жалба в КЗП"),
        (Flag.legal, "I will see you in court, my lawyer is writing to you"),
        (
            Flag.press,
            "Здравствуйте, я журналист, готовим материал о ваших комиссиях, прокомментируете?",
        ),
        (Flag.press, "Здравейте, репортер съм, ще коментирате ли таксите си?"),
        (Flag.press, "I am a journalist, can you comment on your fees?"),
        (Flag.safety, "В подъезде пахнет газом, вы приедете?"),
        (Flag.safety, "Във входа мирише на газ, изпратете някого!"),
        (Flag.safety, "I found glass in your porridge, my daughter ate it"),
        (Flag.self_harm, "Я больше не хочу жить"),
        (Flag.self_harm, "Не искам да живея повече"),
        (Flag.self_harm, "I want to kill myself"),
    ],
)
def test_a_delicate_matter_goes_to_a_person(flag: Flag, text: str) -> None:
    found = meaning(text)

    assert flag in found.flags
    assert found.disposition is Disposition.human_review


@pytest.mark.parametrize(
    "text",
    [
        "Ухожу к конкурентам, закрываю счёт",
        "Напускам ви, отивам при конкуренцията",
        "I'm done with you, switching to another bank",
    ],
)
def test_leaving_is_noticed(text: str) -> None:
    assert Flag.churn in meaning(text).flags


@pytest.mark.parametrize(
    "text",
    [
        "Мой номер 8 912 000 11 22, перезвоните",
        "Обадете ми се на 0888 123 456",
        "Please call me on +44 7700 900 123",
        "card 4111 1111 1111 1111 was declined",
        "пишите на anna@example.org",
        "Звонят с [phone:1], это вы?",
    ],
)
def test_exposed_data_is_noticed(text: str) -> None:
    assert meaning(text).personal_data


@pytest.mark.parametrize("text", ["Заказ 48213 не пришёл", "Поръчка 77120?", "order 90113 is late"])
def test_an_order_number_is_no_personal_data(text: str) -> None:
    assert not meaning(text).personal_data


def test_a_language_that_is_not_covered_goes_to_a_person() -> None:
    found = meaning("Де моя посилка? Ви вже тиждень мені не відповідаєте")

    assert found.lang == "uk"
    assert found.disposition is Disposition.human_review
