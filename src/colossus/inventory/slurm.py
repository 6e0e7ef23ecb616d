"""What the operator says about the scheduler: Slurm with all it needs, or which other it is."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from colossus.inventory.words import Authored, Name, SecretRef

TimeLimit = Annotated[
    str,
    Field(pattern=r"^(infinite|\d+|\d+-\d{1,2}(:\d{2}){0,2}|\d+(:\d{2}){1,2})$"),
]


class Scheduler(Authored):
    """A scheduler that Colossus does not configure: said, so that nobody looks for its files.

    kind none: the site has none. server_role: the hosts of its servers.
    """

    kind: Literal["pbs", "kubernetes", "none"]
    server_role: Name | None = None


class NodeClass(Authored):
    """All hosts of a role as Slurm nodes; memory_reserved_gib stays with the system."""

    role: Name
    memory_reserved_gib: Annotated[int, Field(ge=0)] = 32
    features: tuple[Name, ...] = ()


class Partition(Authored):
    """A partition over whole roles."""

    name: Name
    roles: Annotated[tuple[Name, ...], Field(min_length=1)]
    default: bool = False
    max_time: TimeLimit = "infinite"
    exclusive: bool = False


class Slurm(Authored):
    """The Slurm cluster: first controller is primary, the next ones stand by in order.

    A standby needs a state_save_location that both controllers share.
    block_sizes: of topology/block, smallest first, which is the planning base: an NVLink domain,
    or less of it so that jobs bear dead nodes. Each is the base times a power of two.
    """

    version: Literal["22.05", "23.11", "24.11", "25.05", "25.11", "26.05"]
    cluster_name: Name
    controller_role: Name
    state_save_location: Annotated[str, Field(pattern=r"^/[\w./-]+$")] = "/var/lib/slurm/slurmctld"
    shared_state: bool = False
    munge_key: SecretRef
    topology: Literal["none", "tree", "block"] = "tree"
    topology_fabric: Name = "compute"
    block_sizes: tuple[Annotated[int, Field(ge=1)], ...] = ()
    nodes: Annotated[tuple[NodeClass, ...], Field(min_length=1)]
    partitions: Annotated[tuple[Partition, ...], Field(min_length=1)]
    slurmd_timeout_seconds: Annotated[int, Field(ge=10, le=65533)] = 300
    message_timeout_seconds: Annotated[int, Field(ge=5, le=600)] = 60

    @model_validator(mode="after")
    def _one_default(self) -> Self:
        defaults = [partition.name for partition in self.partitions if partition.default]
        if len(defaults) > 1:
            message = f"only one partition can be the default, not {', '.join(defaults)}"
            raise ValueError(message)
        return self
