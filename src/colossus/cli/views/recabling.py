"""A work order between two plans: steps in a safe order, racks in floor order, boxes to tick."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from colossus.diagnostics import counted
from colossus.wiring.recabling import STEPS, Task


def show_tasks(order: Sequence[Task], counts: Mapping[str, int]) -> None:
    """Print every task below its step and rack, then one line that counts."""
    number = 0
    for step, members in groupby(order, key=lambda task: task.step):
        print(f"{STEPS[step]}:")
        for rack, here in groupby(members, key=lambda task: task.rack):
            print(f"  rack {rack}")
            for task in here:
                number += 1
                cable = f"{task.cable_id} {task.cable}"
                print(f"   [ ] {number:4}. {cable}: {task.origin} → {task.to}")
        print()
    words = [f"{count:,} {what}" for what, count in counts.items() if count]
    print(f"{counted(number, 'task')}: {', '.join(words) or 'no cables'}")
