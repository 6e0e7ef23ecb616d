"""What one host answers: one JSON line per resource. A host's words are hostile until checked."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from colossus.errors import TransportFailed

LINE_CHARACTERS = 64 * 1024  # a bounded difference of one file and its frame fit well
TEXT_CHARACTERS = 12 * 1024
OUTCOMES = frozenset({"ok", "changed", "drifted", "failed", "skipped", "would-change"})
ACTIONS = frozenset({"", "create", "change", "delete", "run", "restart", "reload"})
DIGEST = re.compile(r"(?:[0-9a-f]{64})?")
REFUSED_HINT = (
    "Not root: set access.user, or access.become to sudo. Another run: wait for it; if there is"
    " none and a clock was wrong, remove the file token-CLUSTER in /run/colossus there."
)
# Everything that could move a terminal's cursor; line ends and tabs stay.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Event:
    """What became of one resource on one host. before, after: state digests, empty = absent."""

    id: str
    outcome: str
    action: str
    before: str
    after: str
    seconds: float
    message: str = ""
    diff: str = ""

    @property
    def changes(self) -> bool:
        """Whether something was changed, or would be."""
        return self.outcome in ("changed", "would-change")


class AnswerRefused(TransportFailed):
    """A host's answer is not what the interpreter says; nothing of it is trusted."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            f"{host}: its answer is not understood: {reason}",
            "Look at what starts on login there (banners, profiles), and at /usr/bin/python3.",
        )


def read_answer(host: str, lines: Iterable[str], ids: Sequence[str]) -> Iterator[Event]:
    """Give the events of an answer, in the order asked.

    Raises:
        AnswerRefused: too long, not JSON, out of order, about something nobody asked.
        TransportFailed: the host refuses the run, or the answer ends too early.
    """
    due = iter(ids)
    told = 0
    for line in lines:
        body = _body(host, line)
        if "refused" in body:
            raise TransportFailed(f"{host}: {text(body['refused'])}", REFUSED_HINT)
        if "end" in body:
            if body["end"] != len(ids) or told != len(ids):
                raise AnswerRefused(host, f"it ends after {told} of {len(ids)} resources")
            return
        if body.get("id") != next(due, None):
            raise AnswerRefused(host, f"nobody asked for {text(body.get('id'))[:80]!r} here")
        told += 1
        yield _event(host, body)
    raise TransportFailed(
        f"{host}: the connection ended after {told} of {len(ids)} resources",
        "`colossus runs resume` goes on where it stopped.",
    )


def text(value: object) -> str:
    """Give a host's words without what a terminal would obey, and not too many of them."""
    return CONTROL.sub("?", str(value))[:TEXT_CHARACTERS]


def _body(host: str, line: str) -> dict[str, Any]:
    if len(line) > LINE_CHARACTERS:
        raise AnswerRefused(host, f"a line of more than {LINE_CHARACTERS} characters")
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        raise AnswerRefused(host, f"{text(line)[:80]!r} is no JSON") from None
    if not isinstance(body, dict):
        raise AnswerRefused(host, "a line is no JSON object")
    return body


def _event(host: str, body: dict[str, Any]) -> Event:
    outcome, action = str(body.get("outcome")), str(body.get("action"))
    before, after = str(body.get("before")), str(body.get("after"))
    seconds: object = body.get("seconds")
    words = outcome in OUTCOMES and action in ACTIONS
    digests = DIGEST.fullmatch(before) and DIGEST.fullmatch(after)
    if not (words and digests and isinstance(seconds, int | float)):
        raise AnswerRefused(host, f"what it says of {text(body['id'])[:80]!r} makes no sense")
    message, diff = text(body.get("message", "")), text(body.get("diff", ""))
    took = round(float(seconds), 3)
    return Event(str(body["id"]), outcome, action, before, after, took, message, diff)
