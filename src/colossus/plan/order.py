"""In which order targets are changed: waves, as a literal list with a reason beside each."""

from dataclasses import dataclass

from colossus.inventory.site import Site


@dataclass(frozen=True, slots=True)
class Wave:
    """Targets that may be changed at the same time, once all earlier waves are done."""

    name: str
    reason: str


WAVES: tuple[Wave, ...] = (
    Wave(
        "management-network",
        "every other target is reached through it, so a fault here must show before more is begun",
    ),
    Wave(
        "network",
        "hosts test their fabric as soon as they are up, so the switches must forward by then",
    ),
    Wave(
        "controllers",
        "hosts fetch their Slurm settings from slurmctld; a host that starts first waits ten"
        " seconds between its tries",
    ),
    Wave(
        "services",
        "storage and other services are up before the hosts that use them",
    ),
    Wave(
        "hosts",
        "everything they need is there; they are the many, so a fault found before them is cheap",
    ),
)
# A canary host and then rack by rack come between the last two once waves have limits.

_WAVE_OF_KIND = {
    "switch": "network",
    "controller": "controllers",
    "service": "services",
    "compute": "hosts",
}
_PLACES = {wave.name: place for place, wave in enumerate(WAVES)}


def wave_of(site: Site, role: str) -> str:
    """Give the wave in which the devices of a role are changed."""
    management = site.fabrics.get(site.access.fabric)
    if management is not None and role in management.switch_roles:
        return "management-network"
    return _WAVE_OF_KIND[site.roles[role].kind]


def wave_place(wave: str) -> int:
    """Give the place of a wave in the order, counted from 0; an unknown wave comes last."""
    return _PLACES.get(wave, len(WAVES))
