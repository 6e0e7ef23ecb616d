"""Shapes of Clos fabrics: the golden table, pins, and what is refused with the ways out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.fabric.radix import Radices, Radix
from colossus.fabric.shape import Shape, ShapeImpossible, decide
from colossus.inventory.fabrics import Clos

# Cages and ports per cage of the switches below; `Q` is a director.
QM9700, SN5600, QM8700, Q, XH = (32, 2), (64, 2), (40, 1), (800, 1), (576, 1)


def radix(cages: int, lanes: int, up: int | None = None) -> Radix:
    return Radix(cages, lanes, up or lanes, 1, 1)


@dataclass(frozen=True)
class Wanted:
    """A system: hosts, ports of a host, hosts of a unit, switches; what is pinned; the answer.

    answer: leaves, spines, cores, links.
    """

    hosts: int
    rails: int
    unit: int
    switch: tuple[int, int]
    answer: tuple[int, int, int, int]
    tiers: int = 3
    planes: int = 1
    core: tuple[int, int] | None = None
    extra: int = 0
    pins: tuple[tuple[str, int], ...] = ()


def clos(unit: int, tiers: int, pins: Iterable[tuple[str, int]] = ()) -> Clos:
    words = ("leaf", "spine", "core")[:tiers]
    return Clos.model_validate(
        {
            "hosts_per_unit": unit,
            "tiers": {word: {"role": word, "ports": "data"} for word in words},
            "pins": dict(pins),
        }
    )


def decided(wanted: Wanted) -> Shape:
    """Decide the shape; `extra` places are taken by fabric managers."""
    each = radix(*wanted.switch)
    core = radix(*(wanted.core or wanted.switch)) if wanted.tiers == 3 else None
    units = -(-(wanted.hosts + wanted.extra) // wanted.unit)
    intent = clos(wanted.unit, wanted.tiers, wanted.pins)
    return decide(intent, wanted.planes, units, wanted.rails, Radices(each, each, core))


def links(shape: Shape, wanted: Wanted) -> int:
    return (
        wanted.hosts * wanted.rails
        + shape.leaves * shape.leaf_uplinks
        + (shape.spines * shape.spine_uplinks if shape.cores else 0)
    )


def fat(ends: int, switch: tuple[int, int], answer: tuple[int, int, int, int]) -> Wanted:
    """Eight rails, as many hosts to a unit as a leaf has ports down."""
    tiers = 3 if answer[2] else 2
    return Wanted(ends // 8, 8, switch[0] * switch[1] // 2, switch, answer, tiers)


def pod(units: int, answer: tuple[int, int, int, int]) -> Wanted:
    return Wanted(32 * units - 1, 8, 32, QM9700, answer, 2, extra=1)


GOLDEN = {
    # A published table (facts: fabric.md).
    "superpod-h100-1su": pod(1, (8, 4, 0, 252 - 4 + 256)),
    "superpod-h100-2su": pod(2, (16, 8, 0, 508 - 4 + 512)),
    "superpod-h100-3su": pod(3, (24, 16, 0, 764 - 4 + 768)),
    "superpod-h100-4su": pod(4, (32, 16, 0, 1020 - 4 + 1024)),
    # Rail-optimised fat trees without blocking, by arithmetic (facts: fabric.md).
    "64-2048": fat(2048, QM9700, (64, 32, 0, 4096)),
    "64-8192": fat(8192, QM9700, (256, 256, 128, 24576)),
    "64-16384": fat(16384, QM9700, (512, 512, 256, 49152)),
    "64-32768": fat(32768, QM9700, (1024, 1024, 512, 98304)),
    "64-65536": fat(65536, QM9700, (2048, 2048, 1024, 196608)),
    "128-2048": fat(2048, SN5600, (32, 16, 0, 4096)),
    "128-8192": fat(8192, SN5600, (128, 64, 0, 16384)),
    "128-16384": fat(16384, SN5600, (256, 256, 128, 49152)),
    "128-32768": fat(32768, SN5600, (512, 512, 256, 98304)),
    "128-65536": fat(65536, SN5600, (1024, 1024, 512, 196608)),
    # The reference systems (facts: systems.md 5 and 6).
    "colossus-100k": Wanted(
        *(12544, 8, 64, SN5600, (1568, 1792, 1024, 315392)),
        pins=(("units_per_pod", 7), ("spines_per_pod", 64), ("cores_per_group", 16)),
    ),
    "eagle": Wanted(1800, 8, 30, QM9700, (480, 480, 256, 45120)),
    "oci-16k": Wanted(2048, 16, 64, SN5600, (512, 512, 256, 98304)),
    "oci-24k": Wanted(3072, 16, 64, SN5600, (768, 768, 512, 147456)),
    "oci-24000": Wanted(3000, 16, 64, SN5600, (752, 768, 512, 145280)),
    "openai-25k": Wanted(
        *(3125, 8, 20, QM8700, (1256, 1280, 800, 75720)),
        planes=8,
        pins=(("units_per_pod", 10),),
    ),
    "openai-25k-directors": Wanted(3125, 8, 20, QM8700, (1256, 1580, 40, 81720), core=Q),
    "hopper-8k": Wanted(1000, 8, 32, QM9700, (256, 256, 128, 24384)),
    "blackwell-2k": Wanted(504, 4, 32, QM9700, (64, 32, 0, 4064), 2),
    "dojo-exapod": Wanted(20, 20, 20, (64, 1), (20, 2, 0, 480), 2, pins=(("leaf_uplinks", 4),)),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_shapes(name: str) -> None:
    wanted = GOLDEN[name]
    shape = decided(wanted)
    found = (shape.leaves, shape.spines, shape.cores, links(shape, wanted))
    assert found == wanted.answer


@pytest.mark.parametrize(
    ("hosts", "answer"),
    [(2250, (144, 8, 22608)), (2000, (128, 8, 20096)), (500, (32, 2, 5024))],
)
def test_golden_shapes_with_cages_whole_upwards(hosts: int, answer: tuple[int, int, int]) -> None:
    """Atlas 900: a leaf's cages are split by four towards hosts and whole towards chassis."""
    leaf, spine = radix(64, 4, up=1), radix(*XH)
    units = -(-hosts // 128)
    shape = decide(clos(128, 2), 1, units, 8, Radices(leaf, spine, None))
    found = shape.leaves, shape.spines, hosts * 8 + shape.leaves * shape.leaf_uplinks
    assert found == answer
    assert shape.leaf_uplinks == 32


def test_the_cores_of_100352_divide_evenly() -> None:
    """784 cores would do by ports, but 784 / 64 is not whole: 16 a group, four links each."""
    shape = decided(fat(100352, SN5600, (0, 0, 1, 0)))
    assert (shape.leaves, shape.cores, shape.cores_per_group, shape.spine_core_links) == (
        *(1568, 1024, 16),
        4,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("leaf_uplinks", 16),
        ("units_per_pod", 3),
        ("spines_per_pod", 32),
        ("spine_uplinks", 16),
        ("cores_per_group", 16),
        ("core_groups", 8),
    ],
)
def test_a_pin_is_respected(name: str, value: int) -> None:
    shape = decided(Wanted(192, 8, 32, QM9700, (0, 0, 0, 0), pins=((name, value),)))
    assert getattr(shape, name) == value
    sound(shape)


def sound(shape: Shape) -> None:
    """No port is stranded, and links per pair are equal."""
    assert shape.spines_per_pod * shape.leaf_spine_links == shape.leaf_uplinks
    assert shape.cores_per_group * shape.spine_core_links == shape.spine_uplinks


@given(
    st.integers(1, 3000),
    st.sampled_from([1, 2, 4, 8]),
    st.sampled_from([(8, 2), (32, 1), (32, 2), (40, 1), (64, 2)]),
    st.sampled_from([2, 3]),
    st.sampled_from(["joined", "apart"]),
)
def test_any_shape_fits_its_switches(
    hosts: int, rails: int, switch: tuple[int, int], tiers: int, between: str
) -> None:
    """Without pins: nothing stranded, no switch beyond its ports, no blocking."""
    ports = switch[0] * switch[1]
    planes = rails if between == "apart" else 1
    wanted = Wanted(hosts, rails, ports // 2, switch, (0, 0, 0, 0), tiers, planes)
    ceiling = planes * (ports**2 // 2 if tiers == 2 else ports**3 // 4)
    try:
        shape = decided(wanted)
    except ShapeImpossible:
        units = -(-hosts // (ports // 2))
        assert units * (ports // 2) * rails > ceiling / 4
        return
    sound(shape)
    assert hosts * rails <= ceiling
    assert shape.leaf_down + shape.leaf_uplinks <= ports
    assert shape.leaf_down <= shape.leaf_uplinks
    spine_down = min(shape.units_per_pod, shape.units) * shape.leaves_per_unit // planes
    assert spine_down * shape.leaf_spine_links + shape.spine_uplinks <= ports
    if tiers == 3:
        per_core = shape.pods * (shape.spines_per_pod // shape.core_groups) * shape.spine_core_links
        assert per_core <= ports


def test_100000_ends_on_switches_of_64_ports_are_refused_and_each_way_out_is_one() -> None:
    impossible = Wanted(12500, 8, 32, QM9700, (0, 0, 0, 0))
    with pytest.raises(ShapeImpossible) as refused:
        decided(impossible)
    assert refused.value.summary == (
        "100,096 ports to hosts are wanted, three tiers of these switches join 65,536 at most"
        " without blocking"
    )
    for way in ("separate rail planes", "declared oversubscription", "switches with more ports"):
        assert way in refused.value.ways
    planes = decided(Wanted(12500, 8, 32, QM9700, (0, 0, 0, 0), planes=8))
    blocking = decided(
        Wanted(12500, 8, 32, QM9700, (0, 0, 0, 0), pins=(("spine_uplinks", 8),)),
    )
    larger = decided(Wanted(12500, 8, 64, SN5600, (0, 0, 0, 0)))
    for shape in (planes, blocking, larger):
        sound(shape)


def test_25000_ends_on_switches_of_40_ports_are_refused_and_each_way_out_is_one() -> None:
    with pytest.raises(ShapeImpossible, match=r"three tiers .* join 16,000 at most") as refused:
        decided(Wanted(3125, 8, 20, QM8700, (0, 0, 0, 0)))
    for way in ("separate rail planes", "declared oversubscription", "switches with more ports"):
        assert way in refused.value.ways
    sound(decided(Wanted(3125, 8, 20, QM8700, (0, 0, 0, 0), planes=8)))
    sound(decided(Wanted(3125, 8, 20, QM8700, (0, 0, 0, 0), pins=(("spine_uplinks", 8),))))
    sound(decided(Wanted(3125, 8, 32, QM9700, (0, 0, 0, 0))))


@pytest.mark.parametrize("planes", [1, 8])
def test_a_declared_ratio_decides_how_many_uplinks_there_are(planes: int) -> None:
    """Intent only: hosts, rails, model, ratio. 100,000 ends fit switches of 64 ports at 7:1."""
    each = radix(*QM9700)
    plain = Radices(each, each, each)
    leaves = decide(clos(32, 3), planes, 64, 8, replace(plain, leaf_ratio=4.0))
    assert leaves.leaf_uplinks == 8
    assert leaves.spine_uplinks == 32
    spines = decide(clos(32, 3), planes, 391, 8, replace(plain, spine_ratio=7.0))
    assert spines.leaf_uplinks == 32
    assert spines.spine_uplinks == 8
    for shape in (leaves, spines):
        sound(shape)
    with pytest.raises(ShapeImpossible, match="at the declared ratio"):
        decide(clos(32, 3), planes, 391 * 20, 8, replace(plain, spine_ratio=7.0))


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted(32, 8, 40, QM9700, (0, 0, 0, 0), 2), "a leaf has no room"),
        (Wanted(32, 8, 32, QM9700, (0, 0, 0, 0), 2, planes=3), "cannot be dealt to 3 planes"),
        (Wanted(320, 8, 32, QM9700, (0, 0, 0, 0), 2), "two tiers .* join 2,048 at most"),
        (
            Wanted(1024, 8, 32, QM9700, (0, 0, 0, 0), pins=(("units_per_pod", 5),)),
            "no number of spines takes 40 leaves",
        ),
        (
            Wanted(
                2048,
                8,
                32,
                QM9700,
                (0, 0, 0, 0),
                pins=(("units_per_pod", 1), ("cores_per_group", 4)),
            ),
            "three tiers cannot join 64 pods",
        ),
        (
            Wanted(32, 8, 32, QM9700, (0, 0, 0, 0), 2, pins=(("spines_per_pod", 5),)),
            "do not divide 32 uplinks",
        ),
        (
            Wanted(256, 8, 32, QM9700, (0, 0, 0, 0), pins=(("core_groups", 5),)),
            "cannot be dealt to 5 groups",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_out(wanted: Wanted, why: str) -> None:
    with pytest.raises(ShapeImpossible, match=why) as refused:
        decided(wanted)
    assert refused.value.ways
