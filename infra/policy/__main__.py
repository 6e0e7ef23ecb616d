"""The policy pack: run with `pulumi preview --policy-pack infra/policy`; nothing is uploaded.

Capacity floor: the stacks of racks declare at least so many hosts (COLOSSUS_CAPACITY_FLOOR).
Two of a pair: a single Slurm controller is pointed out, because no standby serves when it fails.
No destroy without a label: `onDestroy: remove` only with the label `destroyable: "true"`.
"""

import os

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from colossus.inventory.nodeset import expand

FLOOR = int(os.environ.get("COLOSSUS_CAPACITY_FLOOR", "0"))


def capacity_floor(stack: StackValidationArgs, report: ReportViolation) -> None:
    """Refuse a stack of racks with fewer hosts than the floor."""
    racks = [each for each in stack.resources if each.resource_type == "colossus:index:Rack"]
    hosts = sum(len(expand(str(each.props["hosts"]))) for each in racks)
    if racks and hosts < FLOOR:
        report(f"{hosts} hosts are fewer than the floor of {FLOOR}", None)


def two_of_a_pair(stack: StackValidationArgs, report: ReportViolation) -> None:
    """Point out a Slurm controller without a standby."""
    names = [
        each.name
        for each in stack.resources
        if each.resource_type == "colossus:index:SlurmController"
    ]
    if len(names) == 1:
        report(f"{names[0]} has no standby: add a second controller", None)


def labelled_destroy(resource: ResourceValidationArgs, report: ReportViolation) -> None:
    """Refuse resources whose destroy takes files off hosts and that are not labelled so."""
    if not resource.resource_type.startswith("colossus:"):
        return
    labels = resource.props.get("labels") or {}
    if resource.props.get("onDestroy") == "remove" and labels.get("destroyable") != "true":
        report(f'{resource.name}: onDestroy is remove without the label destroyable: "true"', None)


PolicyPack(
    name="colossus",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        StackValidationPolicy("capacity-floor", capacity_floor.__doc__ or "", capacity_floor),
        StackValidationPolicy(
            "two-of-a-pair",
            two_of_a_pair.__doc__ or "",
            two_of_a_pair,
            enforcement_level=EnforcementLevel.ADVISORY,
        ),
        ResourceValidationPolicy(
            "labelled-destroy", labelled_destroy.__doc__ or "", labelled_destroy
        ),
    ],
)
