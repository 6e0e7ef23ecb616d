"""A host's answer is hostile until checked: bounded, JSON, about what was asked alone."""

import json

import pytest

from colossus.errors import TransportFailed
from colossus.transport.answer import AnswerRefused, Event, read_answer

IDS = ("file:/a", "file:/b")


def line(identity: str = "file:/a", **more: object) -> str:
    told = {
        "id": identity,
        "outcome": "ok",
        "action": "",
        "before": "a" * 64,
        "after": "",
        "seconds": 0.1,
        "message": "",
    }
    return json.dumps({**told, **more})


END = json.dumps({"end": 2})


def test_a_sound_answer_is_read() -> None:
    events = list(read_answer("h", [line(), line("file:/b", diff="-x"), END], IDS))
    assert events[0] == Event("file:/a", "ok", "", "a" * 64, "", 0.1)
    assert events[1].diff == "-x"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["Welcome to Ubuntu"], "'Welcome to Ubuntu' is no JSON"),
        (["[1, 2]"], "a line is no JSON object"),
        (["[" * 60_000], "is no JSON"),
        ([line(message="x" * 70_000)], "a line of more than 65536 characters"),
        ([line("file:/etc/shadow")], "nobody asked for 'file:/etc/shadow' here"),
        ([line("file:/b")], "nobody asked for 'file:/b' here"),
        ([line(), line(), END], "nobody asked for 'file:/a' here"),
        ([line(), line("file:/b"), line("file:/c")], "nobody asked for 'file:/c' here"),
        ([line(), END], "it ends after 1 of 2 resources"),
        ([line(outcome="perfect")], "what it says of 'file:/a' makes no sense"),
        ([line(action="reboot")], "what it says of 'file:/a' makes no sense"),
        ([line(before="../../x")], "what it says of 'file:/a' makes no sense"),
        ([line(seconds="1; rm")], "what it says of 'file:/a' makes no sense"),
        ([json.dumps({"id": ["x"]})], "nobody asked for"),
    ],
)
def test_what_is_not_is_refused(lines: list[str], reason: str) -> None:
    with pytest.raises(AnswerRefused) as refused:
        list(read_answer("gpu-1", lines, IDS))
    assert refused.value.summary.startswith("gpu-1: its answer is not understood: ")
    assert reason in refused.value.summary
    assert len(refused.value.summary) < 300


def test_an_answer_that_ends_early_gives_what_it_told() -> None:
    answer = read_answer("gpu-1", [line()], IDS)
    assert next(answer).id == "file:/a"
    with pytest.raises(TransportFailed, match="the connection ended after 1 of 2 resources"):
        next(answer)


def test_words_cannot_move_the_terminal() -> None:
    nasty = "a\x1b[2Jb\rc\u202ed\ne\tf"
    (event, _) = read_answer("h", [line(message=nasty), line("file:/b"), END], IDS)
    assert event.message == "a?[2Jb?c?d\ne\tf"


def test_a_host_that_refuses_says_why() -> None:
    with pytest.raises(TransportFailed, match="h: a later run holds the lease"):
        list(read_answer("h", ['{"refused": "a later run holds the lease of x"}'], IDS))
