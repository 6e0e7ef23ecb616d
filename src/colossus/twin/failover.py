"""A controller is lost while a job runs: the standby must take over, and the job go on."""

import time
from collections.abc import Sequence

from colossus.fabric.scheduler import Scheduler
from colossus.observe import slurm
from colossus.twin.base import Twin
from colossus.twin.faults import Fault
from colossus.twin.report import Cause
from colossus.twin.trials import GATE, LongJob, run_job

TAKE_OVER_SECONDS = 60.0
"""Six times the SlurmctldTimeout of a rehearsal."""
PAUSE_SECONDS = 0.5


def fail_over(
    twin: Twin, fault: Fault, expected: Scheduler, hosts: Sequence[str]
) -> tuple[Cause | None, list[str]]:
    """Cut the power of a controller under a job; gives the cause, and what did not hold.

    The job is submitted at the standby: a submission would die with the machine it was made on.
    The controllers must share a folder, which `refuse_impossible` sees to.
    """
    lost = fault.objects[0]
    here = {node.name for node in twin.spec.nodes}
    standby = [c.name for c in expected.controllers if c.name in here and c.name != lost]
    if not standby:
        return None, [f"no other controller could take over from {lost}"]
    job = LongJob(twin, standby[0], tuple(hosts), f"{GATE}-failover")
    if faults := job.start():
        return None, faults
    fault.inject(twin)
    begun = time.monotonic()
    serves = _takes_over(twin, standby[0])
    took = time.monotonic() - begun
    status, faults = job.finish()
    if not serves:
        cause = Cause(
            "controller_lost", (lost,), f"{lost} is off, and {standby[0]} did not take over"
        )
        return cause, [f"{standby[0]} did not take over within {took:.0f} s", *faults]
    faults += run_job(twin, standby[0], hosts)[1]
    ended = f"the job that ran ended with {status}"
    summary = f"{lost} is off; {standby[0]} took over after {took:.0f} s, and {ended}"
    return Cause("controller_lost", (lost,), summary), faults


def _takes_over(twin: Twin, controller: str) -> bool:
    """Wait until a controller answers for the cluster; false if it never does."""
    deadline = time.monotonic() + TAKE_OVER_SECONDS * twin.pace.patience
    while time.monotonic() < deadline:
        # While it stands by it refuses, and says where the primary should be.
        if slurm.parse_nodes(twin.exec(controller, slurm.SHOW_NODES).text):
            return True
        time.sleep(PAUSE_SECONDS)
    return False
