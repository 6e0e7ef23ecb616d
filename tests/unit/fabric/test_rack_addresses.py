"""Out-of-band networks that route by rack, with pairs above them, and racks dealt to halls."""

from collections import Counter
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import numpy as np
import pytest

from colossus.diagnostics import Diagnostic
from colossus.fabric.addresses import rack_gateway
from colossus.fabric.design import design
from colossus.fabric.management import management_addresses
from colossus.fabric.model import Fabric
from colossus.inventory.fabrics import RackAddresses
from colossus.render.lookup import Lookup
from colossus.render.network import bgp_of, bridge_of, interfaces_of
from tests.unit.sites import edited, fabric_of, loaded

EXAMPLE = "colossus-100k"


def small(site: dict[str, Any]) -> None:
    """Two halls of sixteen compute racks and two network racks each: the same rules, in ms."""
    for group in site["racks"]:
        if group["kind"] == "compute":
            group["halls"] = [group["halls"][0]]
            group["stages"] = [group["stages"][0]]
            hall = group["halls"][0]
            group["names"] = f"{hall}-[001-016]"
            group["devices"][0]["at_most"] = 125
            continue
        if group["kind"] == "network":
            kind = group["names"].partition("]-")[2][0]
            count = {"n": 2, "s": 9, "c": 16}[kind]
            group["halls"], group["stages"] = ["h1", "h3"], ["hall-1", "hall-3"]
            group["names"] = f"h[1,3]-{kind}[01-{count:02d}]"
            for rule in group["devices"]:
                if rule["only"]:
                    rule["only"] = rule["only"].replace("[1-4]", "[1,3]")
    site["fabrics"]["compute"]["clos"]["pins"] = {}
    site["fabrics"]["compute"]["oversubscription"] = {}
    site["fabrics"]["frontend"]["clos"]["pins"]["cores_per_group"] = 2


@pytest.fixture(scope="module")
def site() -> Fabric:
    return fabric_of(small, example=EXAMPLE, locked=False)


def plan_of(fabric: Fabric) -> RackAddresses:
    plan = fabric.site.fabrics["oob"].addresses
    assert isinstance(plan, RackAddresses)
    return plan


def test_names_are_dealt_to_halls_and_each_hall_has_its_own_share(site: Fabric) -> None:
    halls = Counter(
        (rack[:2], site.halls[hall])
        for rack, hall in zip(site.racks.names, site.racks.hall, strict=True)
    )
    assert all(name == hall for name, hall in halls)
    roles = site.devices.role == site.roles.index("compute-smc")
    assert int(roles.sum()) == 125
    stages = {site.stages[stage] for stage in site.devices.stage[roles]}
    assert stages == {"hall-1"}


def test_at_most_counts_in_each_hall() -> None:
    whole = fabric_of(example=EXAMPLE, locked=False)
    for role in ("compute-smc", "compute-dell"):
        mine = whole.devices.role == whole.roles.index(role)
        halls = whole.racks.hall[whole.devices.rack[mine]]
        assert sorted(Counter(halls.tolist()).values()) == [3125, 3125]


def test_an_address_tells_the_rack_and_the_port(site: Fabric) -> None:
    plan, table = plan_of(site), site.addresses
    mine = table.fabric == site.fabrics.index("oob")
    rows = np.flatnonzero(mine & (table.prefix_length == plan.rack_prefix_length))
    assert len(rows) > 500
    plugs = {int(a): int(z) for a, z in zip(site.links.a, site.links.z, strict=True)}
    for row in rows.tolist():
        address, port = IPv4Address(int(table.address[row])), int(table.port[row])
        block = IPv4Network((address, plan.rack_prefix_length), strict=False)
        switch = int(table.device[row] if port < 0 else site.ports.device[plugs[port]])
        number = int(site.devices.ordinal[switch])
        assert (int(block.network_address) - int(plan.prefix.network_address)) // 64 == number
        place = 0 if port < 0 else int(site.ports.cage[plugs[port]]) + 1
        assert int(address) == int(block.network_address) + 1 + place
        assert rack_gateway(plan, address) == block.network_address + 1


def test_no_address_is_given_twice(site: Fabric) -> None:
    assert len(np.unique(site.addresses.address)) == len(site.addresses.address)


def test_every_target_is_managed_at_its_port_and_rack_switches_at_their_gateway(
    site: Fabric,
) -> None:
    reached = management_addresses(site)
    for row, role in enumerate(site.devices.role.tolist()):
        known = site.site.roles.get(site.roles[role])
        if known is not None and known.playbook:
            assert reached[row] in plan_of(site).prefix, site.devices.names[row]
    first = site.device_index["oob-0001"]
    assert str(reached[first]) == "10.32.0.1"
    assert str(reached[site.device_index["smc-00001"]]) == "10.32.0.2"


def test_racks_route_and_never_bridge_upwards(site: Fabric) -> None:
    lookup = Lookup(site)
    rack, above, top = (site.device_index[name] for name in ("oob-0001", "oobagg-01", "oobcore-01"))
    bridge, bgp = bridge_of(lookup, rack), bgp_of(lookup, rack)
    assert bridge is not None
    assert bgp is not None
    assert bridge.cidr == "10.32.0.1/26"
    assert not bridge.gateway
    assert "swp49" not in bridge.ports.split()
    assert bgp.peers == ("swp49", "swp50")
    assert bgp.prefix == "10.32.0.0/14"
    for switch in (above, top):
        found = bgp_of(lookup, switch)
        assert bridge_of(lookup, switch) is None
        assert found is not None
        assert not found.prefix
        last = ("swp63", "swp64") if switch == above else ("swp31", "swp32")
        assert found.peers[-2:] == last
    (managed,) = (each for each in interfaces_of(lookup, above) if each.managed)
    assert managed.name == "eth0"
    assert managed.gateway.endswith((".1", ".65", ".129", ".193"))


def test_all_switches_of_the_network_have_an_as_of_their_own(site: Fabric) -> None:
    lookup = Lookup(site)
    roles = site.site.fabrics["oob"].switch_roles
    rows = [row for row, role in enumerate(site.devices.role.tolist()) if site.roles[role] in roles]
    found = [bgp_of(lookup, row) for row in rows]
    numbers = {each.asn for each in found if each}
    assert len(numbers) == len(rows)


def faults(**changes: object) -> list[Diagnostic]:
    def edit(site: dict[str, Any]) -> None:
        small(site)
        site["fabrics"]["oob"]["addresses"].update(changes)

    return list(design(edited(EXAMPLE, edit), loaded(EXAMPLE).catalog).findings)


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"prefix": "10.32.0.0/21"}, "addresses.prefix", "cut in blocks of /26"),
        ({"rack_prefix_length": 28}, "addresses.prefix", "cut in blocks of /28"),
        ({"loopbacks": "10.62.0.0/26"}, "addresses.loopbacks", "the loopback of oob-0016"),
    ],
)
def test_what_does_not_fit_is_one_finding(
    changes: dict[str, object], path: str, words: str
) -> None:
    (finding,) = faults(**changes)
    assert finding.code == "address-outside-prefix"
    assert finding.where.path.endswith(path)
    assert words in finding.summary


@pytest.mark.parametrize(("role", "missing"), [("oob-core", 2), ("oob-aggregation", 4)])
def test_missing_pairs_are_counted(role: str, missing: int) -> None:
    def edit(site: dict[str, Any]) -> None:
        small(site)
        for group in site["racks"]:
            group["devices"] = [rule for rule in group["devices"] if rule["role"] != role]

    found = design(edited(EXAMPLE, edit), loaded(EXAMPLE).catalog).findings
    (finding,) = (each for each in found if each.code == "fabric-switches-missing")
    assert f"needs {missing} devices of role {role}" in finding.summary
