"""The Pulumi provider `pulumi-resource-colossus`: which adapter a resource belongs to.

The engine starts it from PATH, asks over gRPC and prints what it raises.
"""

import os
import sys
import time
from threading import Thread

from pulumi.provider.experimental.provider import (
    CheckRequest,
    CheckResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    GetSchemaRequest,
    GetSchemaResponse,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)
from pulumi.provider.experimental.server import main as serve

from colossus.stacks.configuration import ConfigurationProvider
from colossus.stacks.machine_provider import MachineProvider
from colossus.stacks.machines import KIND
from colossus.stacks.schema import schema

VERSION = "1.0.0"
"""Of the properties, not of Colossus; the engine takes nothing but semantic versions."""
LOOK_SECONDS = 0.5


class ColossusProvider(Provider):
    """Configurations of hosts, and virtual machines, as Pulumi resources."""

    def __init__(self) -> None:
        self._configuration = ConfigurationProvider()
        self._machines = MachineProvider()

    async def get_schema(self, request: GetSchemaRequest) -> GetSchemaResponse:
        """Give the schema, for `pulumi package` and editors."""
        del request
        return GetSchemaResponse(schema(VERSION))

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Refuse properties that make no sense, before anything is planned."""
        return await self._of(request.urn).check(request)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Say what differs."""
        return await self._of(request.urn).diff(request)

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Make it as its properties say."""
        return await self._of(request.urn).create(request)

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """Bring it to its new properties."""
        return await self._of(request.urn).update(request)

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Ask what it is; only reads."""
        return await self._of(request.urn).read(request)

    async def delete(self, request: DeleteRequest) -> None:
        """Take it out."""
        await self._of(request.urn).delete(request)

    async def cancel(self) -> None:
        """Begin nothing more; what is begun is finished."""
        await self._configuration.cancel()
        await self._machines.cancel()

    def _of(self, urn: str) -> Provider:
        """Give the adapter of a resource; its kind stands in its URN."""
        kind = urn.split("::")[-2].rpartition(":")[2]
        return self._machines if kind == KIND else self._configuration


def _end_with(engine: int) -> None:
    """End when the engine is gone; it may have been killed, and then nobody else would tell us."""
    while os.getppid() == engine:
        time.sleep(LOOK_SECONDS)
    os._exit(1)  # as after a kill: the journal knows what was begun


def main() -> None:
    """Serve until the engine ends us, or ends."""
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    serve(sys.argv[1:], VERSION, ColossusProvider())
