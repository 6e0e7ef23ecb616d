"""Invariants of numbers given out: AS numbers of switches, LIDs of an InfiniBand subnet."""

from collections.abc import Iterator

import numpy as np

from colossus.diagnostics import Diagnostic, counted, error, warning
from colossus.fabric.graph import component_labels
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import Switch
from colossus.inventory.fabrics import RackAddresses, RoutedAddresses

PRIVATE_ASNS = ((64_512, 65_534), (4_200_000_000, 4_294_967_294))
"""Source: RFC 6996."""
MAX_UNICAST_LIDS = 49_151
"""0x0001 to 0xBFFF (facts: issue of the reference systems)."""


def _asns(fabric: Fabric) -> Iterator[tuple[str, int, int]]:
    """Give each routed fabric with its first and its last AS number."""
    for code, name in enumerate(fabric.fabrics):
        plan = fabric.site.fabrics[name].addresses
        if isinstance(plan, RoutedAddresses | RackAddresses):
            loopbacks = (fabric.addresses.fabric == code) & (fabric.addresses.port < 0)
            numbers = fabric.addresses.address[loopbacks].astype(np.int64)
            first = int(plan.loopbacks.network_address) + 1
            if len(numbers):
                yield name, plan.asn_first, plan.asn_first + int(numbers.max()) - first


def asn_clash(fabric: Fabric) -> Iterator[Diagnostic]:
    """Switches of two routed fabrics get the same AS numbers."""
    found = list(_asns(fabric))
    for place, (name, first, last) in enumerate(found):
        for other, other_first, other_last in found[:place]:
            if first <= other_last and other_first <= last:
                yield error(
                    "asn-clash",
                    f"fabrics.{name}.addresses.asn_first",
                    f"AS numbers {first} to {last} of fabric {name} overlap {other_first} to"
                    f" {other_last} of fabric {other}",
                    f"start at {other_last + 1} or later",
                )


def asn_not_private(fabric: Fabric) -> Iterator[Diagnostic]:
    """Switches get AS numbers outside the ranges for private use."""
    for name, first, last in _asns(fabric):
        if not any(low <= first and last <= high for low, high in PRIVATE_ASNS):
            yield warning(
                "asn-not-private",
                f"fabrics.{name}.addresses.asn_first",
                f"AS numbers {first} to {last} of fabric {name} are not all for private use",
                "use 64512 to 65534, or 4200000000 to 4294967294; ignore this if they are yours",
            )


def infiniband_lids(fabric: Fabric) -> Iterator[Diagnostic]:
    """A subnet has more LIDs than InfiniBand counts: one a switch, 2^lmc a port of a host.

    A director counts as one switch.
    """
    for code, name in enumerate(fabric.fabrics):
        intent = fabric.site.fabrics[name]
        mine = np.flatnonzero(fabric.links.fabric == code)
        if intent.protocol != "infiniband" or not len(mine):
            continue
        labels = np.tile(component_labels(fabric, code), 2)
        ports = np.concatenate([fabric.links.a[mine], fabric.links.z[mine]]).astype(np.int64)
        device = fabric.ports.device[ports]
        switches = np.asarray([isinstance(fabric.catalog[m], Switch) for m in fabric.models])
        at_switch = switches[fabric.devices.model[device]]
        # Hosts' ports count from the switches up, so that both stand in one column.
        end = np.where(at_switch, device, len(fabric.devices.names) + ports)
        pairs, at = np.unique(labels << np.int64(32) | end, return_index=True)
        _, subnet = np.unique(pairs >> np.int64(32), return_inverse=True)
        hosts = np.bincount(subnet, weights=~at_switch[at])
        lids = np.bincount(subnet, weights=at_switch[at]) + hosts * (1 << intent.lmc)
        worst = int(np.argmax(lids))
        if lids[worst] > MAX_UNICAST_LIDS:
            each = f" with {1 << intent.lmc} each" if intent.lmc else ""
            yield error(
                "infiniband-lids",
                f"fabrics.{name}.lmc" if intent.lmc else f"fabrics.{name}",
                f"fabric {name}: a subnet of {counted(int(hosts[worst]), 'host port')}{each} and"
                f" its switches needs {int(lids[worst]):,} LIDs, InfiniBand has"
                f" {MAX_UNICAST_LIDS:,}",
                "lower lmc, or part the fabric in planes, each a subnet of its own",
            )
