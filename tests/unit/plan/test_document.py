"""The saved plan: the contract's keys, folded, and refused when it was touched."""

import json
from typing import Any

import pytest

from colossus.errors import PlanRefused
from colossus.plan.difference import make_plan, state_of
from colossus.plan.document import from_text, to_text
from tests.unit.sites import desired_of, third_rack

DESIRED = desired_of()
PLAN = make_plan(DESIRED, {}, against="nothing", inventory_digest="i" * 64)
TEXT = to_text(PLAN)


def test_the_contract() -> None:
    document = json.loads(TEXT)
    assert {"schema_version", "digest", "steps", "summary"} <= document.keys()
    for step in document["steps"]:
        assert {"id", "kind", "targets", "reason", "needs"} <= step.keys()
        assert ("path" in step) == (step["kind"] in ("file", "directory", "link", "absent"))
    assert document["summary"] == {
        "add": 251,
        "change": 0,
        "destroy": 0,
        "hosts_new": 11,
        "hosts_changed": 0,
        "hosts_untouched": 0,
        "reboots": 0,
    }
    hosts = [step for step in document["steps"] if step["id"] == "compute/file:/etc/hostname/new"]
    assert [step["targets"] for step in hosts] == ["gpu-[0001-0008]"]


def test_equal_resources_are_stored_once() -> None:
    document = json.loads(TEXT)
    limits = [r for r in document["resources"] if "limits.d" in r["id"]]
    assert len(limits) == 1
    # hostname, hosts, lldpd, management and fabric interfaces differ from host to host
    own = {
        len(t["own"])
        for name, t in document["targets"].items()
        if name > "gpu-0001" and "gpu" in name
    }
    assert own == {5}


def test_no_secret_is_in_it() -> None:
    assert "file:secrets/munge.key" in TEXT
    assert "secrets/munge.key" not in json.loads(TEXT)["blobs"].values()


def test_only_what_is_touched_is_in_it() -> None:
    plan = make_plan(desired_of(third_rack), state_of(DESIRED), against="x", inventory_digest="")
    assert "gpu-0001" not in json.loads(to_text(plan))["targets"]


def changed(change: Any) -> str:  # noqa: ANN401 - any edit of the document
    document = json.loads(TEXT)
    change(document)
    return json.dumps(document)


def test_an_edited_plan_is_refused() -> None:
    text = changed(lambda d: d["steps"][0].update(reason="harmless"))
    with pytest.raises(PlanRefused, match="was changed after it was made") as caught:
        from_text(text)
    assert caught.value.exit_status == 16


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        TEXT[: len(TEXT) // 2],
        changed(lambda d: d.update(surprise=1)),
        changed(lambda d: d.update(schema_version=2)),
        changed(lambda d: d["steps"][0].update(kind="magic")),
        changed(lambda d: d["steps"][0]["groups"][0].update(targets="a[9-1]")),
        changed(lambda d: d["targets"]["gpu-0001"].update(layout=99)),
    ],
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(PlanRefused, match="not a plan, or it is damaged"):
        from_text(text)


def redigested(change: Any) -> str:  # noqa: ANN401 - any edit of the document
    from colossus.plan.document import _digest

    document = json.loads(changed(change))
    document["digest"] = _digest(document)
    return json.dumps(document)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["blobs"].update(dict.fromkeys(list(d["blobs"])[:1], "other")),
        lambda d: d["blobs"].pop(next(iter(d["blobs"]))),
        lambda d: d["resources"][0]["body"].update(names=["evil"]),
    ],
)
def test_contents_must_be_what_they_are_named(change: Any) -> None:  # noqa: ANN401 - as above
    with pytest.raises(PlanRefused, match="does not hold what it names"):
        from_text(redigested(change))
