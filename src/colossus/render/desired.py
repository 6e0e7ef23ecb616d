"""The main verb of rendering: playbooks + fabric → the desired state of every target."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from colossus.diagnostics import error
from colossus.fabric.model import DeviceView, Fabric
from colossus.inventory.playbook import PlaybookFolder
from colossus.plan.order import wave_of
from colossus.plan.resource import Desired, Target
from colossus.render.context import Contexts
from colossus.render.lookup import Lookup
from colossus.render.refused import RenderRefused
from colossus.render.resolve import Substituted, resolve
from colossus.render.resources import Renderer

Overlay = Literal["twin"]


@dataclass(frozen=True)
class Rendered:
    """The desired state, and the settings that an overlay replaced in it."""

    desired: Desired
    substituted: tuple[Substituted, ...]


def render(
    fabric: Fabric,
    playbooks: Mapping[str, PlaybookFolder],
    *,
    overlay: Overlay | None = None,
) -> Desired:
    """Give the desired state of every device that is present and whose role has a playbook.

    The fabric was designed for a stage, so what comes later is no target. overlay `twin` replaces
    exactly the settings that the playbooks list under `twin:`. Raises RenderRefused.
    """
    return render_with_report(fabric, playbooks, overlay=overlay).desired


def render_with_report(
    fabric: Fabric,
    playbooks: Mapping[str, PlaybookFolder],
    *,
    overlay: Overlay | None = None,
    only: Collection[str] | None = None,
    untold: Collection[tuple[str, str]] = (),
) -> Rendered:
    """Give the desired state, and which settings the overlay replaced.

    only: names of the devices to render; none = all. What others are is in it all the same, but in
    a twin they are not there, and Slurm does not wait for them. untold: ports, as device and
    interface, that are left out of what their devices are told.
    """
    there = frozenset(only) if overlay and only is not None else None
    contexts = Contexts(Lookup(fabric, frozenset(untold)), there)
    renderers: dict[str, Renderer] = {}
    blobs: dict[str, str] = {}
    targets: dict[str, Target] = {}
    for device, playbook in _devices_with_playbook(fabric, only):
        if playbook not in renderers:
            resolved = resolve(playbooks, playbook, overlay)
            renderers[playbook] = Renderer(resolved, contexts.secrets(), blobs)
        targets[device.name] = _target(contexts, renderers[playbook], device)
    used = (renderer.resolved for renderer in renderers.values())
    substituted = tuple(dict.fromkeys(each for one in used for each in one.substituted))
    desired = Desired(
        cluster=fabric.site.cluster,
        targets=dict(sorted(targets.items())),
        blobs=dict(sorted(blobs.items())),
    )
    return Rendered(desired, substituted)


def _devices_with_playbook(
    fabric: Fabric, only: Collection[str] | None
) -> list[tuple[DeviceView, str]]:
    roles, known = fabric.site.roles, fabric.device_index
    found = []
    wanted = sorted(known[name] for name in only) if only is not None else known.values()
    for row in wanted:
        role = roles.get(fabric.roles[fabric.devices.role[row]])
        if role is not None and role.playbook and fabric.devices.present[row]:
            found.append((fabric.device(row), role.playbook))
    return found


def _target(contexts: Contexts, renderer: Renderer, device: DeviceView) -> Target:
    site = contexts.fabric.site
    address = contexts.lookup.management.get(device.index)
    if address is None:
        access = site.access
        summary = f"{device.name} has no management address, so it cannot be reached"
        hint = (
            f"cable its port {access.management_port} to fabric {access.fabric} and give the"
            f" role {device.role} a range in it"
        )
        raise RenderRefused([error("target-unreachable", device.origin, summary, hint)])
    values = contexts.of(device)
    return Target(
        name=device.name,
        role=device.role,
        playbook=renderer.resolved.name,
        rack=device.rack,
        address=address,
        resources=renderer.make(values, frozenset(contexts.capabilities(device))),
        manage=site.roles[device.role].manage,
        wave=wave_of(site, device.role),
    )
