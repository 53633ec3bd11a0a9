"""Published conversations become posts of customers and replies of the brand, each once.

The inputs that break the easy version: the company's last reply, which the set keeps apart and
without a time; a reply that is older than all that the customer wrote; a tweet that two
conversations share.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deploy.demo.conversations import Conversations, main, on_the_day, read_conversations, rows
from deploy.demo.script import conversations, payload
from deploy.demo.tweets import inbound, is_tweets
from deploy.local.process import LaunchError

TEN = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
_BIRD = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)


def tweet(at: datetime) -> str:
    """The number that a tweet of that time has."""
    return str(((at - _BIRD) // timedelta(milliseconds=1)) << 22)


def said(who: str, name: str, minute: int, text: str = "ещё раз", **changes: Any) -> dict[str, Any]:
    """One message of a conversation, so many minutes after ten."""
    at = TEN + timedelta(minutes=minute)
    written = f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
    return {who: name, "datetime": written, "message": text, "tweet_ID": tweet(at), **changes}


def dialogue(*content: dict[str, Any], last: dict[str, Any] | None = None) -> dict[str, Any]:
    """A conversation of the set."""
    header = {"company": "Lavka", "conversationDateTime": "2026-03-05T10:00:00.000Z"}
    return {"dialogHeader": header, "dialogContent": content, "agentURL": last or {}}


def read(folder: Path, *dialogues: dict[str, Any]) -> Conversations:
    """What a file of these conversations holds."""
    file = folder / "made_up.json"
    file.write_bytes(msgspec.json.encode(dialogues))
    return read_conversations(file)


def told(found: Conversations) -> Sequence[tuple[str, str]]:
    """Who said what, in order."""
    return [(turn.by, turn.text) for turn in found.turns]


def test_a_dialogue_in_each_language_becomes_posts_and_replies_of_the_brand(tmp_path: Path) -> None:
    texts = ("Где мой заказ?", "Къде ми е поръчката?", "Where is my order &amp; my money?")
    asked = [said("client", f"c{n}", n, text) for n, text in enumerate(texts)]
    found = read(
        tmp_path, *(dialogue(one, said("agent", "Lavka", 60 + n)) for n, one in enumerate(asked))
    )

    lines = on_the_day(found)

    assert [line.text for line in lines[:3]] == [*texts[:2], "Where is my order & my money?"]
    assert [(line.by, line.re) for line in lines[3:]] == [
        ("brand", one["tweet_ID"]) for one in asked
    ]


def test_a_dialogue_is_played_at_its_own_hour_with_its_own_pauses(tmp_path: Path) -> None:
    first, reply = on_the_day(
        read(tmp_path, dialogue(said("client", "ann", 0), said("agent", "Lavka", 90)))
    )

    assert first.at.startswith("10:0.0")
    assert reply.instant - first.instant == timedelta(minutes=90)


def test_the_last_reply_takes_its_time_from_its_number(tmp_path: Path) -> None:
    last = {"url_utterance": "Съжаляваме!", "tweet_ID": tweet(TEN + timedelta(minutes=7))}

    found = read(tmp_path, dialogue(said("client", "ivan", 0), last=last))

    assert [turn.at - TEN for turn in found.turns] == [timedelta(0), timedelta(minutes=7)]
    assert found.turns[-1].is_reply


def test_what_stands_in_the_wrong_order_is_read_in_that_of_time(tmp_path: Path) -> None:
    found = read(
        tmp_path, dialogue(said("agent", "Lavka", 5, "ответ"), said("client", "ann", 0, "вопрос"))
    )

    assert told(found) == [("ann", "вопрос"), ("brand", "ответ")]


def test_a_reply_before_its_post_answers_nobody(tmp_path: Path) -> None:
    found = read(tmp_path, dialogue(said("agent", "Lavka", 0), said("client", "ann", 5, "?")))

    assert told(found) == [("ann", "?")]
    assert found.left_out["a reply to nobody"] == 1
    assert found.turns[0].re is None


def test_a_company_alone_gives_nothing_to_play(tmp_path: Path) -> None:
    found = read(tmp_path, dialogue(said("agent", "Lavka", 0), said("agent", "Lavka", 1)))

    assert found.dialogues == ()
    assert found.left_out["a reply to nobody"] == 2


def test_a_tweet_that_two_conversations_share_is_played_once(tmp_path: Path) -> None:
    shared = said("client", "ann", 0)

    found = read(
        tmp_path,
        dialogue(shared, said("agent", "Lavka", 3)),
        dialogue(shared, said("agent", "Lavka", 9)),
    )

    assert [turn.re for turn in found.turns] == [None, shared["tweet_ID"], shared["tweet_ID"]]
    assert found.left_out["said twice"] == 1


def test_a_row_without_any_time_is_left_out_and_counted(tmp_path: Path) -> None:
    timeless = {"client": "ann", "message": "hm", "tweet_ID": "17"}
    wrong = said("client", "ann", 0, datetime="yesterday", tweet_ID="later")

    found = read(tmp_path, dialogue(timeless, wrong, said("client", "ann", 3, "now")))

    assert told(found) == [("ann", "now")]
    assert found.left_out["without a time"] == 2


def test_a_second_customer_has_a_name_of_their_own(tmp_path: Path) -> None:
    found = read(tmp_path, dialogue(said("client", "ann", 0), said("client1", "boris", 1)))

    assert [turn.by for turn in found.turns] == ["ann", "boris"]
    assert len({turn.thread for turn in found.turns}) == 1


def test_a_reply_lies_in_the_conversation_and_the_thread_of_its_post(tmp_path: Path) -> None:
    lines = on_the_day(
        read(
            tmp_path,
            dialogue(said("client", "ann", 0), said("client", "ann", 2), said("agent", "", 4)),
        )
    )

    within = conversations(lines)
    posts = [payload(line, within[line.id]) for line in lines]

    assert len({post["conversation_id"] for post in posts}) == 1
    assert len({post["thread_id"] for post in posts}) == 1
    assert posts[-1]["parent_id"] == posts[1]["id"]


def test_what_came_after_the_play_has_ended_is_not_played(tmp_path: Path) -> None:
    late = said("agent", "Lavka", 3 * 24 * 60)

    found = read(tmp_path, dialogue(said("client", "ann", 0), late))

    assert [line.by for line in on_the_day(found)] == ["ann"]


def test_the_file_that_it_writes_keeps_the_times(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = read(tmp_path, dialogue(said("client", "ann", 0), said("agent", "Lavka", 5)))

    assert main([str(tmp_path / "made_up.json")]) == 0

    written = [msgspec.json.decode(line) for line in capsys.readouterr().out.splitlines()]
    assert written == list(rows(found.turns))
    assert [row["posted_at"] for row in written] == [t.at.isoformat() for t in found.turns]
    assert written[1]["author"] == {"id": "lavka"}


def test_another_format_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text('{"posts": []}', encoding="utf-8")

    with pytest.raises(LaunchError, match=r"other\.json: expected conversations"):
        read_conversations(file)


def test_a_table_of_tweets_gives_the_posts_of_customers(tmp_path: Path) -> None:
    file = tmp_path / "tweets.csv"
    header = ",index,tweet_id,author_id,inbound,created_at,text,response_tweet_id"
    asked = "0,1,31,7,True,Tue Oct 31 23:36:20 +0000 2017,@SpotifyCares не играет &amp; точка,32"
    answered = "1,2,32,SpotifyCares,False,Tue Oct 31 23:40:20 +0000 2017,Hi!,"
    file.write_text("\n".join((header, asked, answered)), encoding="utf-8")

    assert is_tweets(file)
    (post,) = [msgspec.json.decode(line) for line in inbound(file, mentioned="lavka")]
    assert (post["id"], post["posted_at"]) == ("31", "2017-10-31T23:36:20+00:00")
    assert post["text"].endswith("не играет & точка")
