"""What the models refuse by themselves: names, patterns, sums that cannot be."""

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from colossus.inventory.catalog import CatalogItem, Mounted, Pdu, PortGroup, Power
from colossus.inventory.site import Role
from colossus.inventory.slurm import Slurm
from colossus.inventory.words import NodeSet
from tests.unit.fabric.sites import catalog

GROUP: dict[str, Any] = {"name": "data", "connector": "QSFP-DD", "speed": "400G"}
ROLE: dict[str, Any] = {"kind": "compute", "model": "nvidia/dgx-a100"}
PARTITION: dict[str, Any] = {"roles": ["compute"], "default": True}
SLURM: dict[str, Any] = {
    "version": "22.05",
    "cluster_name": "nlp",
    "controller_role": "ctl",
    "munge_key": "env:KEY",
    "nodes": [{"role": "compute"}],
    "partitions": [{"name": "one", **PARTITION}, {"name": "two", **PARTITION}],
}


def refusal(model: type[BaseModel] | TypeAdapter[Any], value: object) -> str:
    """Give the first complaint about a value."""
    adapter = model if isinstance(model, TypeAdapter) else TypeAdapter(model)
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python(value)
    return refused.value.errors()[0]["msg"].removeprefix("Value error, ")


@pytest.mark.parametrize(
    ("model", "value", "complaint"),
    [
        (PortGroup, GROUP, "port group 'data' needs either interface or interfaces"),
        (
            PortGroup,
            GROUP | {"interface": "swp{cage}", "interfaces": ["eth0"]},
            "port group 'data' needs either interface or interfaces",
        ),
        (
            PortGroup,
            GROUP | {"count": 2, "interfaces": ["eth0"]},
            "port group 'data' has count 2 but 1 interfaces",
        ),
        (
            PortGroup,
            GROUP | {"count": 1, "interfaces": ["eth0"], "slots": ["1", "2"]},
            "port group 'data' has count 1 but 2 slots",
        ),
        (
            PortGroup,
            GROUP | {"interface": "swp{cage}", "breakouts": [{"lanes": 2, "speed": "200G"}]},
            "port group 'data' can be split, so it needs split_interface",
        ),
        (
            Power,
            {"nominal_watts": 300, "max_watts": 200},
            "max_watts 200 is below nominal_watts 300",
        ),
        (Slurm, SLURM, "only one partition can be the default, not one, two"),
    ],
)
def test_a_value_that_cannot_be(model: type[BaseModel], value: object, complaint: str) -> None:
    assert refusal(model, value) == complaint


def test_port_groups_are_named_once() -> None:
    item = catalog()["nvidia/sn4700"].model_dump(mode="json")
    item["ports"].append(item["ports"][0])
    assert refusal(TypeAdapter(CatalogItem), item) == "port groups named twice: data"


@pytest.mark.parametrize(
    ("folded", "complaint"),
    [
        ("a[02-01]", "range '02-01' runs backwards"),
        ("a[01-02", "unbalanced brackets in 'a[01-02'"),
        (
            "a 1",
            "'a 1' in 'a 1' is no name: lower-case letters, digits, inner dashes",
        ),
        (
            "-rf",
            "'-rf' in '-rf' is no name: lower-case letters, digits, inner dashes",
        ),
    ],
)
def test_a_node_set_expands_to_names(folded: str, complaint: str) -> None:
    assert refusal(TypeAdapter(NodeSet), folded) == complaint


@pytest.mark.parametrize("pattern", ["gpu", "gpu-{n}", "gpu-{n:04d}", "r{n:02d}-ib"])
def test_a_name_pattern(pattern: str) -> None:
    assert Role.model_validate(ROLE | {"name": pattern}).name == pattern


@pytest.mark.parametrize("pattern", ["", "-gpu", "GPU{n}", "{n}", "gpu-{n:4d}", "g{x}", "g{n}-"])
def test_no_name_pattern(pattern: str) -> None:
    assert "match pattern" in refusal(Role, ROLE | {"name": pattern})


def test_a_port_group_is_found_by_name() -> None:
    switch, pdu = catalog()["nvidia/sn4700"], catalog()["generic/pdu-415v-60a"]
    assert isinstance(switch, Mounted)
    assert isinstance(pdu, Pdu)
    for item, known in ((switch, "data"), (pdu, "mgmt")):
        group = item.port_group(known)
        assert group is not None
        assert group.name == known
        assert item.port_group("none") is None
