"""Every file of the shipped catalogue: it loads, and its facts agree with each other."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from colossus.inventory.catalog import (
    BMC_PORTS,
    CatalogItem,
    Cdu,
    Chassis,
    Mounted,
    Pdu,
    PortGroup,
    PowerShelf,
    Rack,
    Server,
    Switch,
)
from colossus.load.catalog import Catalogue
from colossus.load.files import Sources

ROOT = Path(__file__).resolve().parents[3]
MODELS = Catalogue(ROOT, Sources()).names()


@cache
def catalog() -> dict[str, CatalogItem]:
    shipped = Catalogue(ROOT, Sources())
    items = shipped.read({name: name for name in shipped.names()})
    assert [str(finding) for finding in shipped.findings] == []
    return items


def item(model: str) -> CatalogItem:
    return catalog()[model]


def names(group: PortGroup) -> Iterator[tuple[int, str]]:
    """Every name a group can have, with the number of lanes of the split: unsplit is 1."""
    shared = group.ports_per_cage
    for port in range(group.count):
        yield 1, group.interface_at(port // shared, port % shared if shared > 1 else -1)
    for split in group.breakouts:
        for cage in range(group.count):
            for lane in range(split.lanes):
                yield split.lanes, group.interface_at(cage, lane, split.speed)


def groups_of(each: CatalogItem) -> tuple[PortGroup, ...]:
    return each.ports if isinstance(each, Mounted | Pdu) else ()


def test_every_system_has_its_models() -> None:
    kinds = Counter(each.kind for each in catalog().values())
    assert kinds.keys() == {"server", "switch", "rack", "pdu", "cdu", "power-shelf", "chassis"}
    assert len(catalog()) >= 55


@pytest.mark.parametrize("model", MODELS)
def test_interface_names_are_unique_however_cages_are_split(model: str) -> None:
    groups = groups_of(item(model))
    unsplit = [name for group in groups for lanes, name in names(group) if lanes == 1]
    assert [name for name, count in Counter(unsplit).items() if count > 1] == []
    for group in groups:
        others = {name for other in groups if other is not group for _, name in names(other)}
        for split in group.breakouts:
            halves = [name for lanes, name in names(group) if lanes == split.lanes]
            assert len(set(halves)) == group.count * split.lanes
            assert others.isdisjoint(halves)


@pytest.mark.parametrize("model", MODELS)
def test_a_split_does_not_exceed_the_cage(model: str) -> None:
    from colossus.inventory.words import SPEEDS_MBPS

    for group in groups_of(item(model)):
        for split in group.breakouts:
            assert SPEEDS_MBPS[split.speed] * split.lanes <= SPEEDS_MBPS[group.speed]


@pytest.mark.parametrize("model", MODELS)
def test_cage_numbers_of_a_model_do_not_overlap_on_the_front(model: str) -> None:
    each = item(model)
    if not isinstance(each, Switch):
        return
    taken: list[int] = []
    for group in each.ports:
        if not group.management and group.interface and group.connector != "BACKPLANE":
            taken += range(group.first_cage, group.first_cage + group.cages)
    assert len(taken) == len(set(taken))


@pytest.mark.parametrize("model", MODELS)
def test_supplies_fit_their_inlets_and_carry_the_device(model: str) -> None:
    each = item(model)
    supplies = each.power.supplies if isinstance(each, Mounted) else None
    if not isinstance(each, Mounted) or supplies is None or supplies.inlet == "busbar":
        return
    assert supplies.fits_inlet
    assert supplies.redundant < supplies.count
    assert supplies.watts * supplies.count >= each.power.max_watts
    # With the redundant ones lost it may throttle, but not stop.
    assert supplies.watts * (supplies.count - supplies.redundant) >= each.power.nominal_watts


@pytest.mark.parametrize("model", MODELS)
def test_every_fact_named_is_a_fact_of_the_model(model: str) -> None:
    each = item(model)
    for fact in each.facts:
        here: object = each
        for step in fact.split("."):
            if isinstance(here, tuple):
                here = next((group for group in here if group.name == step), None)
            else:
                here = getattr(here, step, None)
        assert here is not None, fact


@pytest.mark.parametrize("model", MODELS)
def test_what_is_public_or_inferred_names_its_source(model: str) -> None:
    each = item(model)
    if "public" in (each.provenance, *each.facts.values()):
        assert each.sources


@pytest.mark.parametrize("model", MODELS)
def test_slots_lead_to_a_chassis(model: str) -> None:
    each = item(model)
    if isinstance(each, Mounted) and each.slot_of:
        assert isinstance(item(each.slot_of), Chassis)
    elif isinstance(each, Mounted):
        assert each.height_u > 0


@pytest.mark.parametrize("model", MODELS)
def test_every_device_that_is_managed_from_afar_has_a_port_for_it(model: str) -> None:
    each = item(model)
    if isinstance(each, Rack | Chassis) or (isinstance(each, Server) and each.bmc == "none"):
        return
    groups = groups_of(each)
    in_slot = isinstance(each, Mounted) and each.slot_of
    assert any(group.management or (in_slot and group.name == BMC_PORTS) for group in groups)
    if isinstance(each, Server):
        assert each.port_group(BMC_PORTS)


def test_every_controller_that_is_no_bmc_says_what_it_speaks() -> None:
    silent = [
        name
        for name, each in catalog().items()
        if isinstance(each, Cdu | Pdu | PowerShelf | Chassis) and not each.management
    ]
    assert silent == []


@pytest.mark.parametrize("model", MODELS)
def test_everything_fits_some_rack_that_we_know(model: str) -> None:
    each = item(model)
    if not isinstance(each, Mounted):
        return
    racks = [rack for rack in catalog().values() if isinstance(rack, Rack)]
    assert any(
        each.height_u <= rack.units
        and each.depth_mm <= rack.usable_depth_mm
        and each.weight_kg <= rack.load_kg
        for rack in racks
    )


# What the reference systems put into one rack: rack, and how many of each model.
RACKS = {
    "colossus": (
        "generic/rack-48u-800",
        {
            "supermicro/sys-421ge-tnhr2-lcc": 8,
            "supermicro/lcs-scdu-250l4001": 1,
            "nvidia/sn2201": 1,
        },
    ),
    "colossus, the other vendor": (
        "generic/rack-48u-800",
        {"dell/xe9680l": 8, "supermicro/lcs-scdu-250l4001": 1, "nvidia/sn2201": 1},
    ),
    "colossus, network": ("generic/rack-48u-800", {"nvidia/sn5600": 16, "nvidia/sn2201": 1}),
    "eagle": ("generic/rack-42u-600", {"microsoft/nd-h100-v5": 4, "nvidia/sn2201": 1}),
    "oci": ("generic/rack-42u-600", {"oracle/bm-gpu-h100-8": 4, "nvidia/sn2201": 1}),
    "superpod": ("generic/rack-48u-800", {"nvidia/dgx-h100": 4, "nvidia/sn2201": 1}),
    "openai": ("generic/rack-42u-600", {"microsoft/nd-a100-v4": 4, "nvidia/sn2201": 1}),
    "openai, directors": ("generic/rack-42u-600", {"nvidia/cs8500": 1}),
    "atlas": ("huawei/atlas-900-pod-cabinet", {"huawei/atlas-800t-a2": 8, "nvidia/sn2201": 2}),
    "atlas, spine": ("generic/rack-48u-800", {"huawei/xh16800-576": 1}),
    "nvl72": (
        "nvidia/nvl72-rack",
        {
            "nvidia/gb200-compute-tray": 18,
            "nvidia/gb200-nvlink-tray": 9,
            "nvidia/nvl72-power-shelf": 8,
            "supermicro/lcs-scdu-250l4001": 1,
            "nvidia/sn2201": 1,
        },
    ),
    "dojo": (
        "tesla/exapod-cabinet",
        {"tesla/dojo-tray": 2, "tesla/dojo-interface-host": 8, "generic/switch-64x800g": 2},
    ),
    "cray": (
        "hpe/cray-ex-cabinet",
        {"hpe/cray-ex-chassis": 8, "hpe/cray-ex235a": 128, "hpe/slingshot-switch-blade": 32},
    ),
}


@pytest.mark.parametrize("system", RACKS)
def test_the_racks_of_the_reference_systems_hold_what_stands_in_them(system: str) -> None:
    model, contents = RACKS[system]
    rack = item(model)
    assert isinstance(rack, Rack)
    devices = {name: each for name in contents if isinstance(each := item(name), Mounted)}
    assert devices.keys() == contents.keys()
    assert sum(devices[name].height_u * count for name, count in contents.items()) <= rack.units
    assert max(each.depth_mm for each in devices.values()) <= rack.usable_depth_mm
    load = sum(devices[name].weight_kg * count for name, count in contents.items())
    assert load <= rack.load_kg


def watts(contents: dict[str, int]) -> int:
    devices = {name: each for name in contents if isinstance(each := item(name), Mounted)}
    return sum(devices[name].power.nominal_watts * count for name, count in contents.items())


def test_an_nvl72_rack_draws_and_weighs_what_is_published() -> None:
    model, contents = RACKS["nvl72"]
    contents = {**contents, "nvidia/sn2201": 2}
    assert watts(contents) == pytest.approx(120_000, rel=0.01)
    everything = [(item(name).weight_kg, count) for name, count in contents.items()]
    total = item(model).weight_kg + sum(each * count for each, count in everything)
    assert total == pytest.approx(1360, rel=0.01)


def test_a_loaded_cray_cabinet_weighs_what_is_published() -> None:
    model, contents = RACKS["cray"]
    inside = sum(item(name).weight_kg * count for name, count in contents.items())
    assert item(model).weight_kg + inside == 3600


def test_a_cabinet_of_tiles_draws_220_kw() -> None:
    contents = {"tesla/dojo-tray": 2, "tesla/dojo-interface-host": 8}
    assert watts(contents) == 220_000


def test_slots_of_a_cray_cabinet_are_full() -> None:
    chassis, node = item("hpe/cray-ex-chassis"), item("hpe/cray-ex235a")
    assert isinstance(chassis, Chassis)
    assert isinstance(node, Server)
    assert 8 * chassis.slots * node.per_slot == 128
    assert 8 * chassis.switch_slots == 32


def test_sonic_numbers_its_ports_by_lane() -> None:
    switch = item("nvidia/sn5600")
    assert isinstance(switch, Switch)
    (cages, *_) = switch.ports
    assert [cages.interface_at(cage) for cage in (0, 1, 63)] == [
        "Ethernet0",
        "Ethernet8",
        "Ethernet504",
    ]
    twice = [cages.interface_at(cage, half, "400G") for cage in range(64) for half in (0, 1)]
    assert twice == [f"Ethernet{number}" for number in range(0, 512, 4)]
    fourfold = [cages.interface_at(1, lane, "200G") for lane in range(4)]
    assert fourfold == ["Ethernet8", "Ethernet10", "Ethernet12", "Ethernet14"]


def test_in_rack_coolant_flow_suits_what_is_captured() -> None:
    """1.0 to 1.5 L/min per kW is the published design window."""
    for each in catalog().values():
        flow = each.cooling.flow_lpm_per_kw if isinstance(each, Mounted) else None
        assert flow is None or 1.0 <= flow <= 1.5
        if isinstance(each, Cdu):
            assert 1.0 <= each.flow_lpm / each.capacity_kw <= 1.5


def test_half_of_the_shelves_carry_an_nvl72_rack() -> None:
    shelf = item("nvidia/nvl72-power-shelf")
    assert isinstance(shelf, PowerShelf)
    trays = {"nvidia/gb200-compute-tray": 18, "nvidia/gb200-nvlink-tray": 9}
    assert watts(trays) <= 4 * shelf.output_watts
