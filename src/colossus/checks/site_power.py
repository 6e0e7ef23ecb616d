"""The whole site against its supply, in time: what stands by a date, what is supplied from then on.

Nominal power times PUE must fit the phase in force; a maximum that does not is a warning (facts:
systems.md 5.13).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from colossus.diagnostics import Diagnostic, error, warning
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import Mounted
from colossus.inventory.site import PowerPhase, SitePower

WATTS_PER_MW = 1_000_000


@dataclass(frozen=True, slots=True)
class Draw:
    """What the site draws from a date on, PUE included, in watts."""

    since: date
    stage: str
    nominal_watts: float
    max_watts: float


def draws(fabric: Fabric, supply: SitePower) -> list[Draw]:
    """Add up devices and loads stage by stage; what has no stage stands from the first date on."""
    devices, site = fabric.devices, fabric.site
    sums = []
    for field in ("nominal_watts", "max_watts"):
        items = (fabric.catalog[model] for model in fabric.models)
        each = [getattr(i.power, field) if isinstance(i, Mounted) else 0 for i in items]
        watts = np.asarray(each, dtype=np.float64)[devices.model]
        per_stage = np.bincount(devices.stage + 1, watts, minlength=len(fabric.stages) + 1)
        per_stage[0] += sum(getattr(load, field) for load in site.loads)
        sums.append(np.cumsum(per_stage) * supply.pue)
    if not site.stages:
        return [Draw(supply.phases[-1].since, "", float(sums[0][0]), float(sums[1][0]))]
    return [
        Draw(stage.date, stage.name, float(nominal), float(most))
        for stage, nominal, most in zip(site.stages, sums[0][1:], sums[1][1:], strict=True)
        if not fabric.stage or fabric.stages.index(stage.name) <= fabric.stages.index(fabric.stage)
    ]


def site_power(fabric: Fabric) -> Iterator[Diagnostic]:
    """The site draws more than it is supplied with at the time."""
    supply = fabric.site.power
    if supply is None:
        return
    short: dict[int, tuple[Draw, bool]] = {}
    for draw in draws(fabric, supply):
        phase = max(
            (n for n, phase in enumerate(supply.phases) if phase.since <= draw.since), default=-1
        )
        limit = supply.phases[phase].max_watts if phase >= 0 else 0
        known = short.get(phase)
        # The first stage that does not fit names the phase; what only throttles gives way to it.
        if draw.nominal_watts > limit and not (known and known[1]):
            short[phase] = draw, True
        elif draw.max_watts > limit and not known:
            short[phase] = draw, False
    for phase, (draw, hard) in short.items():
        yield _over(supply, phase, draw, hard=hard)


def _over(supply: SitePower, phase: int, draw: Draw, *, hard: bool) -> Diagnostic:
    stage = f"with stage {draw.stage} the site" if draw.stage else "the site"
    watts = draw.nominal_watts if hard else draw.max_watts
    drawn = f"{stage} draws {'' if hard else 'up to '}{_mw(watts)} from {draw.since} on"
    drawn += f" (PUE {supply.pue:g})"
    if phase < 0:
        first = supply.phases[0]
        return error(
            "site-power",
            "power.phases[0].since",
            f"{drawn}, but nothing is supplied before {first.since}",
            "list the phase that supplies it, or date the stage later",
        )
    path, supplied = f"power.phases[{phase}].max_watts", _supplied(supply.phases, phase)
    if hard:
        return error(
            "site-power",
            path,
            f"{drawn}, {supplied}",
            "date the stage later, add generators to the phase, or build less of it",
        )
    return warning(
        "site-power",
        path,
        f"{drawn}, {supplied}",
        "cap the power of the accelerators, or supply more",
    )


def _supplied(phases: tuple[PowerPhase, ...], phase: int) -> str:
    until = f" until {phases[phase + 1].since}" if phase + 1 < len(phases) else ""
    return f"its supply is {_mw(phases[phase].max_watts)}{until} ({phases[phase].name})"


def _mw(watts: float) -> str:
    if watts < WATTS_PER_MW:
        return f"{watts / 1000:,.1f} kW"
    return f"{watts / WATTS_PER_MW:,.1f} MW"
