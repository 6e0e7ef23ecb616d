"""The provider's schema: what each resource takes, for `pulumi package` and editors."""

import json

_TEXT = {"type": "string"}
_INPUTS: dict[str, dict[str, object]] = {
    "cluster": {**_TEXT, "description": "Name of the cluster, as in cluster.yaml."},
    "connect": {**_TEXT, "description": "ssh:FOLDER, twin:NAME or fake:"},
    "journal": {**_TEXT, "description": "The journal's file; `colossus runs` reads the same."},
    "store": {**_TEXT, "description": "Folder of desired states, by digest."},
    "bundle": {**_TEXT, "description": "Digest of the desired state in the store."},
    "hosts": {**_TEXT, "description": "The hosts, folded: gpu-[0001-0004]."},
    "resources": {
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": _TEXT},
        "description": "What is on which hosts: resource, hosts folded, digest of its state.",
    },
    "onDestroy": {
        **_TEXT,
        "description": "leave (default): forget the hosts. remove: take away what was placed.",
    },
    "labels": {
        "type": "object",
        "additionalProperties": _TEXT,
        "description": "Words for policies, like destroyable.",
    },
}
_OPTIONAL = ("onDestroy", "labels")
_MACHINE: dict[str, dict[str, object]] = {
    "twin": {**_TEXT, "description": "Name of the twin, as `colossus twin status` shows it."},
    "node": {**_TEXT, "description": "Which of its machines."},
    "tier": {**_TEXT, "description": "vm, or ns for namespaces in place of machines."},
    "inventory": {**_TEXT, "description": "Folder with cluster.yaml."},
    "part": {**_TEXT, "description": "Which part of the site, as --slice; empty for all of it."},
    "parts": {**_TEXT, "description": "Digest of the twin's parts list."},
}
_RESOURCES = {
    "Rack": "The configuration of a rack's compute hosts.",
    "Switch": "The configuration of one switch.",
    "SlurmController": "The configuration of one Slurm controller.",
    "BootServer": "The configuration of one boot server: DHCP, names, images, who is armed.",
    "Service": "The configuration of one other controller or service host.",
}


def schema(version: str) -> str:
    """Give the schema as JSON."""
    required = [name for name in _INPUTS if name not in _OPTIONAL]
    return json.dumps(
        {
            "name": "colossus",
            "version": version,
            "description": "GPU clusters from one model.",
            "resources": {
                **{
                    f"colossus:index:{name}": _resource(words, _INPUTS, required)
                    for name, words in _RESOURCES.items()
                },
                "colossus:index:VirtualMachine": _resource(
                    "A machine of the twin: host, switch or controller. power is on or off.",
                    _MACHINE,
                    [name for name in _MACHINE if name != "part"],
                    power={**_TEXT, "description": "on or off"},
                ),
            },
        }
    )


def _resource(
    words: str,
    inputs: dict[str, dict[str, object]],
    required: list[str],
    **outputs: dict[str, object],
) -> dict[str, object]:
    return {
        "description": words,
        "properties": {**inputs, **outputs},
        "required": [*required, *outputs],
        "inputProperties": inputs,
        "requiredInputs": required,
    }
