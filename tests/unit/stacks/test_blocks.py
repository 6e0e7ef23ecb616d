"""Targets divided into resources, resources into stacks, states folded."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.errors import PlanRefused
from colossus.inventory.boot import Boot
from colossus.load.site import load_site
from colossus.stacks.blocks import assign_shards, blocks_of, folded, inputs_of, kinds_of, unfolded
from colossus.stacks.program import stacks_of
from colossus.stacks.store import fetch, keep
from tests.unit.stacks.worlds import CONTROLLER, declared, desired, place

HOSTS = st.sampled_from([f"gpu-{n:04d}" for n in range(1, 9)])
STATES = st.dictionaries(
    HOSTS,
    st.dictionaries(st.sampled_from(["file:/a", "file:/b"]), st.sampled_from("xyz"), min_size=1),
)


@given(STATES)
def test_a_state_survives_folding(state: dict[str, dict[str, str]]) -> None:
    assert unfolded(folded(state)) == state


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)), st.integers(1, 9))
def test_a_rack_never_moves_to_another_stack(first: set[int], more: set[int], size: int) -> None:
    before = assign_shards([f"r{n}" for n in first], {}, size)
    after = assign_shards([f"r{n}" for n in first | more], before, size)
    assert {rack: after[rack] for rack in before} == before
    assert all(sum(s == shard for s in after.values()) <= size for shard in set(after.values()))


def test_blocks_are_racks_switches_controllers_and_services() -> None:
    found = [(block.kind, block.name, block.hosts) for block in blocks_of(desired(), CONTROLLER)]
    assert found == [
        ("Switch", "leaf-01", ("leaf-01",)),
        ("SlurmController", "ctl-01", ("ctl-01",)),
        ("Rack", "r1", ("gpu-0001", "gpu-0002")),
        ("Rack", "r2", ("gpu-0003", "gpu-0004")),
    ]
    assert blocks_of(desired(), {})[1].kind == "Service"
    assert blocks_of(desired(), {"ctl": "BootServer"})[1].kind == "BootServer"


def test_a_site_says_which_roles_have_a_kind_of_their_own(checkout: Path) -> None:
    site = load_site(checkout / "examples" / "stanford-nlp").accepted()
    assert kinds_of(site) == {"slurm-controller": "SlurmController"}
    boot = {"server_role": "boot", "images": {"i": {}}, "roles": {"compute": {"image": "i"}}}
    booting = site.model_copy(update={"boot": Boot.model_validate(boot)})
    assert kinds_of(booting)["boot"] == "BootServer"


def test_controllers_wait_for_switches_and_racks_have_stacks_of_their_own(tmp_path: Path) -> None:
    stacks = stacks_of(desired(), place(tmp_path), CONTROLLER)
    assert {name: [(e.name, e.after) for e in mine] for name, mine in stacks.items()} == {
        "control": [("leaf-01", ()), ("ctl-01", ("leaf-01",))],
        "racks-1": [("r1", ()), ("r2", ())],
    }


def test_properties_are_read_back(tmp_path: Path) -> None:
    inputs = inputs_of(declared(tmp_path)["r1"].properties)
    assert inputs.hosts == ("gpu-0001", "gpu-0002")
    assert inputs.faults() == []
    assert inputs_of(inputs.properties()) == inputs


def test_properties_that_make_no_sense_are_named(tmp_path: Path) -> None:
    properties = {**declared(tmp_path)["r1"].properties, "connect": "post", "hosts": "gpu-0001"}
    assert inputs_of(properties).faults() == [
        ("connect", "must begin with one of ssh, twin, fake and a colon"),
        ("resources", "is about other hosts, too: gpu-0002"),
    ]


def test_a_desired_state_is_kept_by_its_digest(tmp_path: Path) -> None:
    bundle = keep(desired(), tmp_path)
    assert keep(desired(), tmp_path) == bundle
    assert fetch(bundle, tmp_path) == desired()
    with pytest.raises(PlanRefused, match=r"0{12}… is not in"):
        fetch("0" * 64, tmp_path)


def test_a_desired_state_that_was_edited_is_refused(tmp_path: Path) -> None:
    bundle = keep(desired(), tmp_path)
    path = tmp_path / f"{bundle}.json"
    path.write_text(path.read_text("utf-8").replace("welcome", "wellcome"), "utf-8")
    with pytest.raises(PlanRefused, match="was changed after it was made"):
        fetch(bundle, tmp_path)
