"""Every export that names cables: what it is called, what it holds, how it is written and read."""

from dataclasses import dataclass

from colossus.fabric.model import Fabric
from colossus.sheets.exports import cvt, texts
from colossus.sheets.exports.cabling import Cabling, Files, Read, Write
from colossus.wiring import dialects
from colossus.wiring.dialects import Namer

ETHERNET = frozenset({"ethernet", "roce"})
INFINIBAND = frozenset({"infiniband"})
EVERY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Export:
    """A consumer's format. protocols: of the fabrics it takes, none = all.

    binary: not for a terminal. folder: several files.
    """

    protocols: frozenset[str]
    namer: Namer
    write: Write
    read: Read
    binary: bool = False
    folder: bool = False

    def cabling(self, fabric: Fabric) -> Cabling:
        """Choose and name the links of this format."""
        return Cabling(fabric, self.namer, self.protocols)

    def written(self, fabric: Fabric) -> dict[str, bytes]:
        """Write the files."""
        return self.write(self.cabling(fabric))

    def links(self, fabric: Fabric, files: Files) -> list[int]:
        """Read files back: rows of `Fabric.links`, each once, sorted; raises ExportUnread."""
        return self.cabling(fabric).links_of(self.read(files))


EXPORTS = {
    "cvt-ethernet": Export(
        ETHERNET, dialects.cvt_ethernet, cvt.write_ethernet, cvt.read_ethernet, binary=True
    ),
    "cvt-infiniband": Export(
        INFINIBAND, dialects.cvt_infiniband, cvt.write_infiniband, cvt.read_infiniband, binary=True
    ),
    "cvt-unified": Export(
        ETHERNET | INFINIBAND | {"nvlink"},
        dialects.interfaces,
        cvt.write_unified,
        cvt.read_unified,
        binary=True,
    ),
    "netbox": Export(EVERY, dialects.interfaces, texts.write_netbox, texts.read_netbox),
    "ibdiagnet-topo": Export(INFINIBAND, dialects.ibdm, texts.write_ibdm, texts.read_ibdm),
    "dot": Export(EVERY, dialects.interfaces, texts.write_dot, texts.read_dot),
    "containerlab": Export(
        EVERY, dialects.interfaces, texts.write_containerlab, texts.read_containerlab
    ),
    "sonic": Export(
        ETHERNET, dialects.interfaces, texts.write_sonic, texts.read_sonic, folder=True
    ),
}
