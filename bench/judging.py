"""What does it cost to judge a post? The whole classification, one post at a time, beside VADER."""

import time

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from services.classify.domain.classify import classify, whys_of
from services.classify.domain.rows import Row, post_of
from services.classify.model_files import read_minds
from services.classify.settings import MODEL, read_lexicons

TEXTS = (
    "Третий день не могу зайти в приложение, пишет ошибку, поддержка молчит. Когда почините? Мне "
    "завтра платить за квартиру, помогите пожалуйста!",
    "От сутринта чакам куриера, никой не се обажда, а пратката уж е за доставка днес. Пиша ви за "
    "втори път, кога най-после ще дойде тя при мен?",
    "@airline my flight was cancelled and nobody at the desk can tell me when I get home. Two "
    "hours on hold now. Can you please rebook me today?",
    "Спасибо ребятам из отделения на Садовой, всё объяснили спокойно и без очереди. Давно такого "
    "не встречал, очень приятно, приду к вам ещё раз",
)
"""Of about 140 characters each: with a claim and without, in three languages."""


def judge_us(posts: int) -> float:
    """Microseconds of CPU for one post, language and urgency included, explanations on demand."""
    lexicons = read_lexicons()
    judge, whys = read_minds(MODEL, lexicons).judge, whys_of(lexicons)
    given = [post_of(Row(id=number, text=text)) for number, text in enumerate(TEXTS)]
    for post in given:
        classify(post, judge, whys)
    before = time.process_time()
    for number in range(posts):
        classify(given[number % len(given)], judge, whys)
    return (time.process_time() - before) / posts * 1e6


def vader_us(posts: int) -> float:
    """The same of VADER, which reads English tone alone: for scale."""
    analyzer = SentimentIntensityAnalyzer()
    before = time.process_time()
    for number in range(posts):
        analyzer.polarity_scores(TEXTS[number % len(TEXTS)])
    return (time.process_time() - before) / posts * 1e6
