"""Put the folders operators own into the wheel, as defaults under `colossus/_share`.

An editable install gets none of them: it reads the checkout, so a copy could only be stale.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelShare(BuildHookInterface[BuilderConfig]):
    """The folders named in pyproject.toml, each at the same path below `colossus/_share`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add each folder to a standard wheel.

        Raises:
            FileNotFoundError: a folder named in pyproject.toml is not in the checkout.
        """
        if version != "standard":
            return
        for folder in self.config["folders"]:
            source = Path(self.root) / folder
            if not source.is_dir():
                raise FileNotFoundError(source)
            build_data["force_include"][str(source)] = f"colossus/_share/{folder}"
