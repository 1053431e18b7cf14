"""Where each window goes: the compositor's configuration, from the panels that are bolted to the booth. Pure.

    output HDMI-A-1 ── workspace "screen" ── booth-player, full screen
    output HDMI-A-2 ── workspace "lookup" ── Chromium, full screen, gets the touches

Each role has a workspace of its own, also when both share one output: two full-screen windows in one workspace make
Chromium leave kiosk mode for good. Device and headless practice use the same text; only output names differ.
"""

from collections.abc import Iterable
from typing import Final

from mqtt.contract.state import Panel

BACKGROUND: Final = "#0b2545"
"""What is seen before the first window, and behind the slate."""
PLAYER: Final = "booth-player"
"""Wayland application id of the player's window."""

WINDOWS: Final = {"screen": f"^{PLAYER}$", "lookup": "^chrom.*$"}
"""Application ids by role of the panel; the role names the workspace."""

_FIXED: Final = f"""\
xwayland disable
default_border none
default_floating_border none
focus_follows_mouse no
focus_on_window_activation none
mouse_warping none
seat * hide_cursor 100
output * background {BACKGROUND} solid_color
"""


def sway_config(panels: Iterable[Panel]) -> str:
    """Return sway's configuration for these panels, placed side by side in their order.

    Panels of one output share it; the first one's workspace is in front until the player says otherwise.
    """
    lines: list[str] = []
    left = 0
    outputs: list[str] = []
    for panel in panels:
        if panel.output not in outputs:
            outputs.append(panel.output)
            mode = f"{panel.width_px}x{panel.height_px}"
            lines.append(f'output "{panel.output}" resolution {mode} position {left} 0')
            left += panel.width_px
        lines.append(f'workspace {panel.role} output "{panel.output}"')
        if window := WINDOWS.get(panel.role):
            lines.append(f'assign [app_id="{window}"] workspace {panel.role}')
            lines.append(f'for_window [app_id="{window}"] fullscreen enable')
        if panel.role == "lookup":
            lines.append(f'input type:touch map_to_output "{panel.output}"')
    return _FIXED + "".join(f"{line}\n" for line in lines)


def share_one_output(panels: Iterable[Panel]) -> bool:
    """Tell whether screen and look-up lie on the same output, so that somebody must choose which is in front."""
    outputs = [panel.output for panel in panels if panel.role in WINDOWS]
    return len(set(outputs)) < len(outputs)
