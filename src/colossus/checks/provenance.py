"""How sure verdicts on power, weight and cooling are: as sure as the least sure fact they rest on.

Facts of the catalogue are public, inferred or assumed (`provenance`, `facts` of each entry); loads
and phases of supply say so in the site.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from colossus.diagnostics import Diagnostic, error
from colossus.fabric.model import Fabric
from colossus.inventory.catalog import Rack
from colossus.inventory.hardware import weakest
from colossus.inventory.words import Provenance

_CERTAINTY = (Provenance.PUBLIC, Provenance.INFERRED, Provenance.ASSUMED)
_MOST_NAMED = 3
_NOMINAL, _MAX = "power.nominal_watts", "power.max_watts"
_HEAT = (_MAX, "cooling.captured_fraction")
_SUPPLY_COUNT, _SUPPLY_WATTS = "power.supplies.count", "power.supplies.watts"
_INLET = "power.supplies.inlet"

FACTS: Mapping[str, tuple[str, ...]] = {
    "rack-power": (_MAX, "usable_watts"),
    "feed-loss": (_NOMINAL, _MAX, "usable_watts"),
    "phase-overload": (_NOMINAL, _MAX, _SUPPLY_COUNT, "usable_watts", "outlets"),
    "busbar-overload": (_NOMINAL, _MAX, "output_watts"),
    "hall-feed-power": (_NOMINAL, _MAX),
    "site-power": (_NOMINAL, _MAX),
    "inlet-overload": (_SUPPLY_WATTS, _INLET, "power.supplies.inlet_amps"),
    "outlets-exhausted": (_SUPPLY_COUNT, _INLET, "outlets"),
    "feeds-unsplit": (_NOMINAL, _SUPPLY_COUNT, _SUPPLY_WATTS),
    "rack-weight": ("weight_kg", "load_kg"),
    "rack-cooling": (*_HEAT, "capacity_kw"),
    "coolant-flow": (*_HEAT, "cooling.flow_lpm_per_kw", "flow_lpm"),
    "rear-door-heat": (*_HEAT, "rear_door_kw"),
}
"""Finding → the facts of the catalogue that it was computed from, where a model has them."""

SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "power": (
        *("rack-power", "feed-loss", "phase-overload", "hall-feed-power", "site-power"),
        *("busbar-overload", "inlet-overload", "outlets-exhausted", "feeds-unsplit"),
    ),
    "weight": ("rack-weight",),
    "cooling": ("rack-cooling", "coolant-flow", "rear-door-heat"),
}
"""Verdict → the checks that it is made of; found or not found, it rests on the same facts."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a verdict rests on. weak: the least sure facts, `power.max_watts of dell/xe9680`."""

    provenance: Provenance
    weak: tuple[str, ...]

    def __str__(self) -> str:
        """Give `assumed (power.max_watts of dell/xe9680, and 2 more)`."""
        named = ", ".join(self.weak[:_MOST_NAMED])
        more = f" and {len(self.weak) - _MOST_NAMED} more" if len(self.weak) > _MOST_NAMED else ""
        return f"{self.provenance} ({named}{more})" if named else str(self.provenance)


def verdicts(fabric: Fabric) -> dict[str, Basis]:
    """Say what the verdicts on the whole site rest on, clean or not."""
    return {
        subject: _basis(
            _facts(fabric, fabric.models, codes, racks=range(len(fabric.site.racks))),
            _authored(fabric) if subject == "power" else {},
        )
        for subject, codes in SUBJECTS.items()
    }


def racks_basis(fabric: Fabric, subject: str, racks: Iterable[int]) -> Basis:
    """Say what the figures of a subject rest on in these racks, by row."""
    rows = np.asarray([*racks], dtype=np.int64)
    held = np.unique(fabric.devices.model[np.isin(fabric.devices.rack, rows)]).tolist()
    groups = np.unique(fabric.racks.group[rows]).tolist()
    models = [fabric.models[code] for code in held]
    return _basis(_facts(fabric, models, SUBJECTS[subject], racks=groups), {})


def told(fabric: Fabric, findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Add to each finding on power, weight or cooling what it rests on."""
    for finding in findings:
        if finding.code not in FACTS:
            yield finding
            continue
        groups = _groups(fabric, finding.where.path)
        models = _models(fabric, finding.where.path, groups)
        authored = _authored(fabric) if finding.code == "site-power" else {}
        basis = _basis(_facts(fabric, models, (finding.code,), racks=groups), authored)
        yield replace(finding, provenance=str(basis.provenance), rests_on=str(basis))


def provenance_weak(fabric: Fabric, required: Provenance) -> Iterator[Diagnostic]:
    """A verdict on power, weight or cooling rests on facts that are not as sure as required."""
    for subject, codes in SUBJECTS.items():
        by_model: dict[str, list[str]] = {}
        known = _facts(fabric, fabric.models, codes, racks=range(len(fabric.site.racks)))
        known |= {} if subject != "power" else _authored(fabric)
        for (fact, owner), how in known.items():
            if _CERTAINTY.index(how) > _CERTAINTY.index(required):
                by_model.setdefault(owner, []).append(f"{fact} is {how}")
        for owner, facts in by_model.items():
            yield error(
                "provenance-weak",
                _place(fabric, owner),
                f"the verdict on {subject} rests on {owner}: {', '.join(facts)};"
                f" {required} is required",
                "measure it or find the data sheet, and say so under `facts` of the catalogue"
                " entry",
            )


Facts = dict[tuple[str, str], Provenance]


def _facts(
    fabric: Fabric, models: Iterable[str], codes: Iterable[str], *, racks: Iterable[int]
) -> Facts:
    """Give the provenance of every fact of these models, and of the racks that hold them."""
    wanted = list(dict.fromkeys(fact for code in codes for fact in FACTS[code]))
    names = [*models, *(fabric.site.racks[group].model for group in racks)]
    return {
        (fact, name): fabric.catalog[name].provenance_of(fact)
        for name in dict.fromkeys(names)
        for fact in wanted
        if _counts(fabric.catalog[name], fact)
    }


def _counts(item: object, fact: str) -> bool:
    """Whether a model has a fact that counts: the weight of an empty rack loads no rack."""
    if isinstance(item, Rack) and fact == "weight_kg":
        return False
    for word in fact.split("."):
        item = getattr(item, word, None)
    return item is not None


def _authored(fabric: Fabric) -> Facts:
    """Give what the site itself says of its loads and its supply."""
    found = {("watts", f"load {load.name}"): load.provenance for load in fabric.site.loads}
    phases = fabric.site.power.phases if fabric.site.power else ()
    return found | {("max_watts", f"phase {phase.name}"): phase.provenance for phase in phases}


def _basis(known: Facts, authored: Facts) -> Basis:
    both = known | authored
    provenance = weakest(both.values())
    sure = provenance is Provenance.PUBLIC
    weak = (
        ()
        if sure
        else tuple(f"{f} of {owner}" for (f, owner), p in both.items() if p is provenance)
    )
    return Basis(provenance, weak)


_RACKS = re.compile(r"racks\[(\d+)\]")
_HALL = re.compile(r"halls\[(\d+)\]")
_ROLE = re.compile(r"roles\.([^.]+)")


def _groups(fabric: Fabric, path: str) -> list[int]:
    """Give the rack groups that a finding is about; all where its place is none of them."""
    groups = range(len(fabric.site.racks))
    if match := _RACKS.match(path):
        return [int(match[1])]
    if match := _HALL.match(path):
        here = np.unique(fabric.racks.group[fabric.racks.hall == int(match[1])])
        return [int(group) for group in here]
    return list(groups)


def _models(fabric: Fabric, path: str, groups: list[int]) -> list[str]:
    """Give the models that a finding is about."""
    if match := _ROLE.match(path):
        return [fabric.site.roles[match[1]].model]
    mine = np.isin(fabric.racks.group[fabric.devices.rack], groups)
    return [fabric.models[code] for code in np.unique(fabric.devices.model[mine])]


def _place(fabric: Fabric, owner: str) -> str:
    """Give the first authored place that names a model, a load or a phase."""
    site = fabric.site
    places = {role.model: f"roles.{name}.model" for name, role in reversed(site.roles.items())}
    for place, group in enumerate(site.racks):
        places.setdefault(group.model, f"racks[{place}].model")
        if group.pdus:
            places.setdefault(group.pdus.model, f"racks[{place}].pdus.model")
    places |= {f"load {load.name}": f"loads[{n}].provenance" for n, load in enumerate(site.loads)}
    for place, phase in enumerate(site.power.phases if site.power else ()):
        places[f"phase {phase.name}"] = f"power.phases[{place}]"
    return places[owner]
