"""The hosts in memory judge as the interpreter on a real host does, whatever is asked of them."""

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from colossus.plan.resource import Json, Resource
from colossus.transport.base import Endpoint
from colossus.transport.fake import FakeHost, FakeTransport
from colossus.transport.request import Retired
from tests.unit.transport.hosted import Host

kinds = st.lists(
    st.sampled_from(("file", "directory", "command", "guarded")), min_size=1, max_size=4
)
texts = st.sampled_from(("one", "two"))
lasts = st.sampled_from(("none", "one", "two"))


def resources(host: Host, wanted: list[str], text: str) -> tuple[Resource, ...]:
    made: list[Resource] = []
    for number, kind in enumerate(wanted):
        on = tuple(each.id for each in made if each.kind != "command")
        argv: list[Json] = ["touch", host.at(f"ran{number}")]
        if kind == "file":
            made.append(host.file(f"f{number}", text))
        elif kind == "directory":
            made.append(host.directory(f"d{number}", "0755" if text == "one" else "0700"))
        else:
            guard: dict[str, Json] = {"creates": argv[-1]} if kind == "guarded" else {}
            made.append(Resource(f"command:{number}", "command", {"argv": argv, **guard}, on))
    return tuple(made)


def told(answer: list[dict[str, Json]]) -> list[tuple[Json, ...]]:
    keys = ("id", "outcome", "action", "before", "after")
    return [tuple(event[key] for key in keys) for event in answer]


@settings(max_examples=60)
@given(kinds, texts, texts, lasts, st.booleans(), st.booleans())
def test_they_agree_with_the_interpreter(
    wanted: list[str],
    first: str,
    second: str,
    last: str,
    overwrite: bool,  # noqa: FBT001 - drawn by hypothesis
    everything: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    root = Path(tempfile.mkdtemp())
    try:
        host, fleet = Host(root), FakeTransport({"h": FakeHost()})
        known = {r.id: r.digest for r in resources(host, wanted, last)} if last != "none" else {}
        retired = replace(host.file("old", "x"), on=())
        for text, check in ((first, False), (second, True), (second, False)):
            made = resources(host, wanted, text)
            planned = None if everything else frozenset(r.id for r in made[::2])
            wishes = {"last": known, "overwrite_drift": overwrite, "planned": planned}
            wishes["remove"] = [Retired(retired.id, retired.digest)]
            asked = host.asked(*made, check=check, **wishes)
            lines = fleet.open(Endpoint("h", "")).run((), asked, 1)
            real = host.answer(*made, check=check, **wishes)
            fake = [json.loads(line) for line in lines][:-1]
            # A command without a guard has no state: only the real one says "as desired" of it.
            assert [t[:3] for t in told(fake)] == [t[:3] for t in told(real)]
            assert [t[3:] for t in told(fake) if not str(t[0]).startswith("command")] == [
                t[3:] for t in told(real) if not str(t[0]).startswith("command")
            ]
    finally:
        shutil.rmtree(root)
