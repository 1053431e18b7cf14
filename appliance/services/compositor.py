"""``booth compositor``: what sway is started with."""

import sys
from pathlib import Path

from appliance import identity
from appliance.player.screens import sway_config


def print_config(state: Path) -> None:
    """Print sway's configuration for the panels of this booth.

    Args:
        state: ``/var/lib/booth``.

    Raises:
        SetupError: ``E_CONFIG``; the installer must provision this device.
    """
    sys.stdout.write(sway_config(identity.read(state).panels))
