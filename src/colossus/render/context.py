"""What templates get: ready values about one target, and values equal for all of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from colossus.fabric.model import DeviceView, Fabric
from colossus.inventory.playbook import Capability
from colossus.render.boot import BootValues, boot_of
from colossus.render.lookup import Lookup
from colossus.render.monitoring import target_groups_of
from colossus.render.network import bgp_of, bridge_of, interfaces_of, split_cages_of
from colossus.render.slurm import SlurmValues, slurm_of, topology_as_yaml

SHARED = frozenset({"boot", "controllers", "settings", "site", "slurm", "target_groups"})
"""Names of values that are equal for all targets of a playbook: what needs only them is cached."""


@dataclass(frozen=True, slots=True)
class Host:
    """The target itself; address is the one it is managed at, empty if it has none."""

    name: str
    fqdn: str
    role: str
    model: str
    place: str
    address: str


@dataclass(frozen=True, slots=True)
class SiteValues:
    """What the whole site shares."""

    cluster: str
    domain: str
    dns_servers: tuple[str, ...]


@dataclass(frozen=True)
class Contexts:
    """Makes the values of each target; what is equal for all is made once.

    hosts: those that are there, where not all of the site are (in a twin of a slice).
    """

    lookup: Lookup
    hosts: Collection[str] | None = None

    @property
    def fabric(self) -> Fabric:
        """Give the designed cluster."""
        return self.lookup.fabric

    @cached_property
    def slurm(self) -> SlurmValues | None:
        """Give Slurm's values; None where the site has no Slurm."""
        return slurm_of(self.fabric, self.hosts)

    @cached_property
    def boot(self) -> BootValues | None:
        """Give the boot server's values; None where the site has none."""
        return boot_of(self.lookup)

    @cached_property
    def shared(self) -> Mapping[str, object]:
        """Give the values that are equal for every target of the site."""
        site = self.fabric.site
        values: dict[str, object] = {
            "site": SiteValues(site.cluster, site.domain, site.dns_servers),
            "controllers": self.slurm.controllers if self.slurm else (),
            "target_groups": target_groups_of(self.lookup),
        }
        # Left out rather than None: a template that needs one must fail with its line.
        if self.slurm is not None:
            values["slurm"] = self.slurm
        if self.boot is not None:
            values["boot"] = self.boot
        return values

    def of(self, device: DeviceView) -> dict[str, object]:
        """Give all values of one target."""
        interfaces = interfaces_of(self.lookup, device.index)
        return {
            **self.shared,
            "host": self._host(device),
            "management_interfaces": tuple(each for each in interfaces if each.managed),
            "fabric_interfaces": tuple(each for each in interfaces if not each.managed),
            "split_cages": split_cages_of(self.fabric, self.lookup.plugs(device.index)),
            "bridge": bridge_of(self.lookup, device.index),
            "bgp": bgp_of(self.lookup, device.index),
        }

    def capabilities(self, device: DeviceView) -> frozenset[Capability]:
        """Give the named capabilities of a target, which `when:` asks for."""
        slurm = self.fabric.site.slurm
        members = [each.role for each in slurm.nodes] if slurm else []
        controllers = [each.name for each in self.slurm.controllers] if self.slurm else []
        shaped = bool(self.slurm and (self.slurm.switches or self.slurm.blocks))
        as_yaml = slurm is not None and topology_as_yaml(slurm)
        has: dict[Capability, bool] = {
            "dns": bool(self.fabric.site.dns_servers),
            "routed": bgp_of(self.lookup, device.index) is not None,
            "slurm": device.role in members or device.name in controllers,
            "slurm-member": device.role in members,
            "slurm-primary": device.name in controllers[:1],
            "split-ports": bool(split_cages_of(self.fabric, self.lookup.planned(device.index))),
            "topology-conf": shaped and not as_yaml,
            "topology-yaml": shaped and as_yaml,
        }
        return frozenset(name for name, held in has.items() if held)

    def secrets(self) -> Mapping[str, str]:
        """Give the references of the secrets that playbooks may name."""
        slurm = self.fabric.site.slurm
        return {"munge-key": slurm.munge_key} if slurm else {}

    def _host(self, device: DeviceView) -> Host:
        return Host(
            name=device.name,
            fqdn=f"{device.name}.{self.fabric.site.domain}",
            role=device.role,
            model=device.model,
            place=f"{device.hall} {device.rack} U{device.u}",
            address=self.lookup.management.get(device.index, ""),
        )
