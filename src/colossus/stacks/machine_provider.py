"""Virtual machines as Pulumi resources: a thin adapter, the work is in machines.py."""

import asyncio
from dataclasses import asdict

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import (
    CheckFailure,
    CheckRequest,
    CheckResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)

from colossus.stacks import machines
from colossus.stacks.gather import Gathering
from colossus.stacks.properties import plain, wrapped

POWER = "power"


class MachineProvider(Provider):
    """A machine of a twin. Its output `power` says whether it is on; off is drift."""

    def __init__(self) -> None:
        self._gathering: Gathering[machines.Wanted, None] = Gathering(machines.create)

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Refuse properties that make no sense."""
        faults = machines.wanted_of(plain(request.new_inputs)).faults()
        return CheckResponse(request.new_inputs, [CheckFailure(*each) for each in faults])

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Another twin is another machine; one that is off is switched on."""
        old, new = plain(request.old_state), plain(request.new_inputs)
        before, after = asdict(machines.wanted_of(old)), asdict(machines.wanted_of(new))
        replaced = sorted(name for name, value in after.items() if before[name] != value)
        off = [POWER] if old.get(POWER) != "on" else []
        return DiffResponse(
            changes=bool(replaced or off),
            replaces=replaced,
            delete_before_replace=True,
            diffs=[*replaced, *off],
        )

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Bring it up, with those of its twin that are asked for at the same time."""
        if request.preview:
            return CreateResponse("", request.properties)
        wanted = machines.wanted_of(plain(request.properties))
        await self._gathering.add(wanted.twin, wanted)
        return CreateResponse(f"{wanted.twin}/{wanted.node}", _outputs(wanted, "on"))

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """Switch it on."""
        if request.preview:
            return UpdateResponse(request.news)
        wanted = machines.wanted_of(plain(request.news))
        await self._gathering.add(wanted.twin, wanted)
        return UpdateResponse(_outputs(wanted, "on"))

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Ask whether it is there and on."""
        wanted = machines.wanted_of(plain(request.properties))
        power = await asyncio.to_thread(machines.power, wanted)
        if not power:
            return ReadResponse("", {}, {})
        return ReadResponse(request.resource_id, _outputs(wanted, power), request.inputs)

    async def delete(self, request: DeleteRequest) -> None:
        """Cut its power; the twin goes with its last machine."""
        wanted = machines.wanted_of(plain(request.properties))
        await self._gathering.run_alone(machines.delete, wanted)

    async def cancel(self) -> None:
        """Begin nothing more."""
        self._gathering.stop()


def _outputs(wanted: machines.Wanted, power: str) -> dict[str, PropertyValue]:
    return {name: wrapped(value) for name, value in {**asdict(wanted), POWER: power}.items()}
