"""Neighbours in JSON that switches print: NVUE `nv show interface`, dumps of SONiC's databases."""

from collections.abc import Iterator, Mapping

from colossus.wiring.observed import Heard, Parsed, Sighting, fault, plain
from colossus.wiring.seen.lldpd import port_of
from colossus.wiring.seen.words import is_address, plain_address

_DEPTH = 4
"""Databases, tables, keys, `{"type": "hash", "value": …}`: no dump is nested deeper."""
_SONIC_LLDP, _SONIC_FDB = "LLDP_ENTRY_TABLE", "FDB_TABLE"
_SONIC_OWN = "LLDP_LOC_CHASSIS"
_SUBTYPES = {"1": "ifalias", "3": "mac", "5": "ifname"}
_DOWN = "down"


def is_nvue(value: object) -> bool:
    """Whether it is `nv show interface --output json`, or its lldp or lldp-detail view."""
    if not isinstance(value, dict) or not value:
        return False
    return all(
        isinstance(each, dict) and (each.keys() & {"lldp", "link", "type", "ip"} or not each)
        for each in value.values()
    ) and any("lldp" in each or "link" in each for each in value.values())


def parse_nvue(value: object, device: str, file: str) -> Parsed:
    """Read the neighbours of every interface; one that is down is seen without a link."""
    parsed = Parsed([], [])
    for name, interface in value.items() if isinstance(value, dict) else ():
        if not isinstance(interface, dict) or not plain(name):
            parsed.findings.append(fault(file, str(name)[:40], "an interface is expected here"))
            continue
        neighbours = _below(interface, "lldp", "neighbor")
        if not neighbours and _is_down(interface):
            parsed.sightings.append(Sighting(device, name))
        for called, told in neighbours.items():
            one = _nvue_sighting(device, name, called, told)
            if one is None:
                place = f"{name}.lldp.neighbor.{str(called)[:40]}"
                parsed.findings.append(fault(file, place, "a neighbour needs its name and port"))
            else:
                parsed.sightings.append(one)
    return parsed


def _is_down(interface: Mapping[str, object]) -> bool:
    link = _below(interface, "link")
    state = link.get("oper-status", link.get("state"))
    down = state == _DOWN or (isinstance(state, dict) and _DOWN in state)
    return down and interface.get("type", "swp") in ("swp", "eth")


def _nvue_sighting(device: str, name: str, called: object, told: object) -> Sighting | None:
    if not isinstance(told, dict):
        return None
    chassis, port = _below(told, "chassis"), _below(told, "port")
    neighbour = chassis.get("system-name") or chassis.get("chassis-id") or called
    words = [port.get(key, "") for key in ("type", "name", "description")]
    kind, identity, description = (word if isinstance(word, str) else "" for word in words)
    port_name = port_of(kind or "ifname", identity, description)
    if not (isinstance(neighbour, str) and plain(neighbour) and plain(port_name[0])):
        return None
    return Sighting(device, name, neighbour, *port_name)


def _below(value: Mapping[str, object], *keys: str) -> Mapping[str, object]:
    """Follow keys; empty where there is nothing of that name."""
    for key in keys:
        found = value.get(key)
        value = found if isinstance(found, dict) else {}
    return value


def is_sonic(value: object) -> bool:
    """Whether it is a dump of SONiC's databases with neighbours or learned addresses."""
    return any(True for _ in _rows(value))


def parse_sonic(value: object, device: str, file: str) -> Parsed:
    """Read LLDP_ENTRY_TABLE and FDB_TABLE, from any nesting of database, table and key."""
    parsed = Parsed([], [])
    rows = list(_rows(value))
    own = next((f.get("lldp_loc_sys_name") for key, f in rows if key.startswith(_SONIC_OWN)), None)
    device = own if isinstance(own, str) and plain(own) else device
    heard = []
    for key, fields in rows:
        if key.startswith(_SONIC_OWN):
            continue
        found = _sonic_address(device, key, fields) or _sonic_neighbour(device, key, fields)
        if found is None:
            parsed.findings.append(fault(file, key[:80], "an entry needs name and port"))
        elif isinstance(found, Heard):
            heard.append(found)
        else:
            parsed.sightings.append(found)
    return Parsed(parsed.sightings, parsed.findings, tuple(heard))


def _rows(
    value: object, prefix: str = "", depth: int = _DEPTH
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Give the rows of the wanted tables: `TABLE:key` → fields."""
    for key, below in value.items() if isinstance(value, dict) and depth else ():
        if not isinstance(below, dict) or not isinstance(key, str):
            continue
        named = key if not prefix else f"{prefix}:{key}"
        fields = below["value"] if isinstance(below.get("value"), dict) else below
        table = named.replace("|", ":")
        flat = not any(isinstance(each, dict) for each in fields.values())
        if flat and _wanted(table, fields):
            yield table, fields
        elif not flat:
            yield from _rows(fields, table if _is_table(key) else "", depth - 1)


def _is_table(key: str) -> bool:
    return key in (_SONIC_LLDP, _SONIC_FDB, _SONIC_OWN)


def _wanted(table: str, fields: Mapping[str, object]) -> bool:
    return table.startswith((f"{_SONIC_LLDP}:", f"{_SONIC_FDB}:", _SONIC_OWN)) or any(
        name.startswith("lldp_rem_") for name in fields
    )


def _sonic_address(device: str, key: str, fields: Mapping[str, object]) -> Heard | None:
    if not key.startswith(_SONIC_FDB):
        return None
    address, port = key[-17:], fields.get("port")
    if is_address(address) and isinstance(port, str) and plain(port):
        return Heard(device, port, plain_address(address))
    return None


def _sonic_neighbour(device: str, key: str, fields: Mapping[str, object]) -> Sighting | None:
    port = key.rpartition(":")[2]
    words = [
        fields.get(f"lldp_rem_{name}", "")
        for name in ("sys_name", "chassis_id", "port_id_subtype", "port_id", "port_desc")
    ]
    name, chassis, subtype, identity, description = (
        word if isinstance(word, str) else "" for word in words
    )
    port_name = port_of(_SUBTYPES.get(subtype, "ifname"), identity, description)
    neighbour = name or chassis
    if not (plain(port) and plain(neighbour) and plain(port_name[0])):
        return None
    return Sighting(device, port, neighbour, *port_name)
