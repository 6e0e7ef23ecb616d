"""Check mode predicts exactly what an apply does, whatever is wanted and whatever is there."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from colossus.plan.resource import Json, Resource
from tests.unit.transport.hosted import Host, changes, outcomes

NAMES = ("a", "b", "d/a", "d/e/f")
TEXTS = ("one\n", "two\n", "")

there = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from(("one\n", "two\n", "folder", "link")), max_size=4
)
wanted = st.lists(
    st.tuples(
        st.sampled_from(("file", "file", "directory", "link", "absent", "command", "guarded")),
        st.sampled_from(NAMES),
        st.sampled_from(TEXTS),
        st.sampled_from(("0644", "0600")),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda each: (each[1], each[0] in ("command", "guarded")),
)
lasts = st.sampled_from(("none", "desired", "other", "found"))


def prepare(root: Path, found: dict[str, str]) -> None:
    for name, what in sorted(found.items()):
        path = root / name
        if any(parent.exists() and not parent.is_dir() for parent in path.parents):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() or path.is_symlink():
            continue
        if what == "folder":
            path.mkdir()
        elif what == "link":
            path.symlink_to("nowhere")
        else:
            path.write_text(what)


def resource(
    host: Host, asked: tuple[str, str, str, str, bool], before: tuple[str, ...]
) -> Resource:
    kind, name, text, mode, watches = asked
    on = before if watches else before[:1]
    argv: list[Json] = ["touch", host.at(f"ran-{name.replace('/', '-')}")]
    if kind == "file":
        return host.file(name, text, mode)
    if kind == "directory":
        return host.directory(name, mode.replace("6", "7"))
    if kind == "link":
        return host.link(name, text.strip() or "x")
    if kind == "absent":
        return host.absent(name)
    guard: dict[str, Json] = {"creates": argv[-1]} if kind == "guarded" else {}
    return Resource(f"command:{name}", "command", {"argv": argv, **guard}, on)


def resources(host: Host, asked: list[tuple[str, str, str, str, bool]]) -> tuple[Resource, ...]:
    made: list[Resource] = []
    for each in asked:
        made.append(resource(host, each, tuple(r.id for r in made if r.kind != "command")))
    return tuple(made)


def last_of(host: Host, made: tuple[Resource, ...], choice: str) -> dict[str, str]:
    if choice == "none":
        return {}
    if choice == "found":
        return {event["id"]: event["before"] for event in host.check(*made)}
    return {r.id: r.digest if choice == "desired" else "0" * 64 for r in made}


@settings(max_examples=150)
@given(there, wanted, lasts, st.booleans(), st.booleans())
def test_predicted_is_applied_and_the_second_apply_is_empty(
    found: dict[str, str],
    asked: list[tuple[str, str, str, str, bool]],
    choice: str,
    overwrite: bool,  # noqa: FBT001 - drawn by hypothesis
    everything: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    root = Path(tempfile.mkdtemp())
    try:
        prepare(root, found)
        host = Host(root)
        made = resources(host, asked)
        wishes = {
            "last": last_of(host, made, choice),
            "overwrite_drift": overwrite,
            "planned": None if everything else frozenset(r.id for r in made[::2]),
        }
        before = sorted(map(str, root.rglob("*")))
        foretold = host.check(*made, **wishes)
        assert sorted(map(str, root.rglob("*"))) == before  # check mode writes nothing
        done = host.apply(*made, **wishes)
        failed = [n for n, event in enumerate(done) if event["outcome"] == "failed"]
        if failed and foretold[failed[0]]["outcome"] != "failed":
            return  # the act itself failed: a folder stands where a file is wanted
        assert changes(foretold) == changes(done)
        if not failed and all(event["outcome"] != "drifted" for event in done):
            again = host.apply(*made, last={r.id: r.digest for r in made})
            assert changes(again) == set(), outcomes(again)
    finally:
        shutil.rmtree(root)
