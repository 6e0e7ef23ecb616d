"""Resources that are the configuration of hosts: a thin adapter, the work is in work.py.

Contents and secrets never pass through it: properties are digests, names and references.
"""

import asyncio

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
    PropertyDiff,
    PropertyDiffKind,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)

from colossus.inventory.nodeset import NodeSetError
from colossus.plan.resource import State
from colossus.stacks import work
from colossus.stacks.blocks import Inputs, folded, inputs_of
from colossus.stacks.differing import differing, differing_in_run
from colossus.stacks.gather import Gathering
from colossus.stacks.properties import plain, wrapped

_KINDS = {
    "add": PropertyDiffKind.ADD,
    "delete": PropertyDiffKind.DELETE,
    "update": PropertyDiffKind.UPDATE,
}


class ConfigurationProvider(Provider):
    """Racks, switches, Slurm controllers, boot servers and services: what is on their hosts."""

    def __init__(self) -> None:
        self._gathering: Gathering[work.Wanted, State] = Gathering(work.carry_out)

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Refuse properties that make no sense, before anything is planned."""
        try:
            inputs = inputs_of(plain(request.new_inputs))
        except KeyError as fault:
            failure = CheckFailure(str(fault.args[0]), "is missing or has the wrong form")
            return CheckResponse(request.new_inputs, [failure])
        except NodeSetError as fault:
            return CheckResponse(request.new_inputs, [CheckFailure("hosts", str(fault))])
        failures = [CheckFailure(*each) for each in inputs.faults()]
        return CheckResponse(request.new_inputs, failures)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Say which files of which hosts differ; within a run, exactly what its plan says."""
        old, new = inputs_of(plain(request.old_state)), inputs_of(plain(request.new_inputs))
        if work.in_run():
            found = differing_in_run(old, new, *await asyncio.to_thread(work.changes_of_run, new))
        else:
            found = differing(old, new)
        detailed = {path: PropertyDiff(_KINDS[kind], True) for path, kind in found.items()}  # noqa: FBT003 - the SDK's parameter: the difference is in an input
        return DiffResponse(
            changes=bool(found),
            diffs=sorted({path.partition("[")[0].partition(".")[0] for path in found}),
            detailed_diff=detailed,
        )

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Bring the hosts to their state; in a preview, only say what they would be."""
        if request.preview:
            return CreateResponse("", request.properties)
        inputs = inputs_of(plain(request.properties))
        state = await self._carry_out(work.Wanted(inputs))
        return CreateResponse(request.name, _outputs(inputs, state))

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """As create; may overwrite the manual edits that the old state shows, and no others."""
        if request.preview:
            return UpdateResponse(request.news)
        inputs, old = inputs_of(plain(request.news)), inputs_of(plain(request.olds))
        state = await self._carry_out(work.Wanted(inputs, work.shown(old)))
        return UpdateResponse(_outputs(inputs, state))

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Ask the hosts what they are; only reads."""
        inputs = inputs_of(plain(request.properties))
        state = await asyncio.to_thread(work.read, inputs)
        return ReadResponse(request.resource_id, _outputs(inputs, state), request.inputs)

    async def delete(self, request: DeleteRequest) -> None:
        """Forget the hosts; with `onDestroy: remove`, take away what was placed there first."""
        await self._gathering.run_alone(work.delete, inputs_of(plain(request.properties)))

    async def cancel(self) -> None:
        """Begin nothing more; hosts that are begun finish what they were told."""
        self._gathering.stop()

    async def _carry_out(self, wanted: work.Wanted) -> State:
        inputs = wanted.inputs
        key = (inputs.cluster, inputs.connect, inputs.journal)
        state = await self._gathering.add(key, wanted)
        return {host: state[host] for host in inputs.hosts}


def _outputs(inputs: Inputs, state: State) -> dict[str, PropertyValue]:
    """Give the properties with what the hosts are, in place of what they should be."""
    shown = {**inputs.properties(), "resources": folded(state)}
    return {name: wrapped(each) for name, each in shown.items()}
