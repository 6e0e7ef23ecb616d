"""Boot values for templates: whom DHCP knows, what each host would load, and everybody's name.

Source of dnsmasq's option forms: dnsmasq(8) of 2.90 (dhcp-host, dhcp-range, dhcp-circuitid).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from colossus.fabric.assets import macs_of
from colossus.fabric.management import bmc_addresses
from colossus.fabric.model import DeviceView, Fabric
from colossus.inventory.boot import Boot
from colossus.inventory.fabrics import SharedAddresses
from colossus.plan.resource import Json
from colossus.render.lookup import Lookup


@dataclass(frozen=True, slots=True)
class BootHost:
    """A host that may boot over the network.

    mac is empty where assets do not say it; switch and port are the far end of its management
    cable. install: what the boot server tells it when it is armed.
    """

    name: str
    fqdn: str
    address: str
    mac: str
    switch: str
    port: str
    install: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class NamedAddress:
    """One line of the names that the boot server serves by DNS."""

    address: str
    names: str


@dataclass(frozen=True, slots=True)
class BootValues:
    """Everything that the files of a boot server print; gateway is empty for none."""

    network: str
    netmask: str
    gateway: str
    known_by: str
    http_port: int
    image_folder: str
    hosts: tuple[BootHost, ...]
    names: tuple[NamedAddress, ...]


def boot_of(lookup: Lookup) -> BootValues | None:
    """Give the values of the boot server; None where the site has none."""
    fabric = lookup.fabric
    boot, plan = fabric.site.boot, fabric.site.fabrics[fabric.site.access.fabric].addresses
    if boot is None or not isinstance(plan, SharedAddresses):
        return None
    return BootValues(
        network=str(plan.prefix.network_address),
        netmask=str(plan.prefix.netmask),
        gateway=str(plan.gateway or ""),
        known_by=boot.known_by,
        http_port=boot.http_port,
        image_folder=boot.image_folder,
        hosts=tuple(_hosts(lookup, boot)),
        names=tuple(_names(lookup)),
    )


def _hosts(lookup: Lookup, boot: Boot) -> Iterator[BootHost]:
    fabric, macs = lookup.fabric, macs_of(lookup.fabric)
    for row, address in sorted(lookup.management.items()):
        device = fabric.device(row)
        if device.role not in boot.roles or not device.present:
            continue
        plug = next((p for p in lookup.plugs(row) if _manages(fabric, p.port.group)), None)
        mac = macs.get(row, {}).get(plug.port.interface, "") if plug else ""
        yield BootHost(
            name=device.name,
            fqdn=f"{device.name}.{fabric.site.domain}",
            address=address,
            mac=mac,
            switch=plug.far.device if plug else "",
            port=plug.far.interface if plug else "",
            install=_install(device, boot, address),
        )


def _manages(fabric: Fabric, group: str) -> bool:
    return group == fabric.site.access.management_port


def _install(device: DeviceView, boot: Boot, address: str) -> dict[str, Json]:
    chosen = boot.roles[device.role]
    image = boot.images[chosen.image]
    return {
        "address": address,
        "image": chosen.image,
        "kernel": image.kernel,
        "initrd": image.initrd,
        "files": dict(image.files),
        "disk": chosen.disk,
        "arguments": list(chosen.kernel_arguments),
    }


def _names(lookup: Lookup) -> Iterator[NamedAddress]:
    """Name every device that has a management address, and every BMC: NAME-bmc."""
    fabric = lookup.fabric
    domain = fabric.site.domain
    bmcs = bmc_addresses(fabric)
    for row, name in enumerate(fabric.devices.names):
        if not fabric.devices.present[row]:
            continue
        if row in lookup.management:
            yield NamedAddress(lookup.management[row], f"{name}.{domain} {name}")
        if row in bmcs:
            yield NamedAddress(str(bmcs[row]), f"{name}-bmc.{domain} {name}-bmc")
