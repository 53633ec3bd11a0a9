# Three inputs that break the easy version:
# 1. "two tickets to the match": a ticket that is no contact;
# 2. „чакам с нетърпение“, "can't wait": waiting, for no answer;
# 3. "third time this bag tears": counted, but a product's fault and no contact.
"""Is it noticed that somebody has already written, called or waited for an answer?"""

import pytest

from tests.unit.classify.judging import judged


@pytest.mark.parametrize(
    ("again", "first"),
    [
        ("That's my fourth email about the refund", "I need two tickets for Friday, please"),
        ("Been on hold for an hour, again", "Hold the door for my order at 5, please"),
        ("I've already called and nobody called back", "Which number should I call?"),
        ("Third time I'm asking, where is it?", "Third time this bag tears, what a brand"),
        ("@acme I already did, still the same", "@acme I did enjoy the show"),
        ("Still waiting for a response to my complaint", "Can't wait for the new season"),
        ("Пишу уже пятый раз, ответа нет", "Пишу впервые: когда открытие?"),
        ("Звонила на горячую линию, обещали перезвонить", "Какой у вас телефон?"),
        ("Третье обращение, и снова тишина", "Третье место в турнире, ура"),
        ("Жду ответа с понедельника", "Купил билет на понедельник"),
        ("Оператор вчера сказал ждать", "Оператор в фильме отличный"),
        ("Пиша ви за втори път, няма отговор", "Пиша дипломна работа за банки"),
        ("Звънях три пъти, никой не отговаря", "Торбата се скъса три пъти"),
        ("Обещаха да се обадят и още чакам", "чакам с нетърпение новия сезон"),
        ("Два имейла ви пратих вече, мълчите", "Имате ли имейл за реклама?"),
        ("Чакам отговор от две седмици", "Отговорът на кръстословицата е риба"),
    ],
)
def test_a_second_contact_is_told_from_a_first(again: str, first: str) -> None:
    assert judged(again).repeat_contact
    assert not judged(first).repeat_contact
