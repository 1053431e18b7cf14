"""Laws of the compositor's configuration."""

from appliance.player.screens import share_one_output, sway_config
from mqtt.contract.state import Panel


def panel(output: str, role: str, width: int = 1920, height: int = 1080) -> Panel:
    return Panel(output=output, role=role, width_px=width, height_px=height, diagonal_inch=43)


def test_two_outputs_stand_side_by_side_with_a_workspace_each() -> None:
    """Overlapping outputs would show one window twice."""
    lines = sway_config([panel("HDMI-A-1", "screen"), panel("HDMI-A-2", "lookup", 1080, 1920)]).splitlines()

    assert 'output "HDMI-A-1" resolution 1920x1080 position 0 0' in lines
    assert 'output "HDMI-A-2" resolution 1080x1920 position 1920 0' in lines
    assert 'workspace screen output "HDMI-A-1"' in lines
    assert 'workspace lookup output "HDMI-A-2"' in lines


def test_each_window_is_sent_to_its_role_and_made_full_screen() -> None:
    """Chromium's application id differs between builds; ours is our own."""
    lines = sway_config([panel("HDMI-A-1", "screen"), panel("HDMI-A-2", "lookup")]).splitlines()

    assert 'assign [app_id="^booth-player$"] workspace screen' in lines
    assert 'for_window [app_id="^booth-player$"] fullscreen enable' in lines
    assert 'assign [app_id="^chrom.*$"] workspace lookup' in lines
    assert 'for_window [app_id="^chrom.*$"] fullscreen enable' in lines


def test_touches_go_to_the_look_up_panel() -> None:
    """Else sway spreads them over both panels."""
    config = sway_config([panel("HDMI-A-1", "screen"), panel("HDMI-A-2", "lookup")])

    assert 'input type:touch map_to_output "HDMI-A-2"' in config


def test_roles_that_share_an_output_configure_it_once_and_keep_their_workspaces() -> None:
    """Two full-screen windows in one workspace make Chromium leave kiosk mode."""
    panels = [panel("HDMI-A-1", "screen"), panel("HDMI-A-1", "lookup")]
    lines = sway_config(panels).splitlines()

    assert sum(line.startswith('output "HDMI-A-1"') for line in lines) == 1
    assert 'workspace screen output "HDMI-A-1"' in lines
    assert 'workspace lookup output "HDMI-A-1"' in lines
    assert share_one_output(panels)
    assert not share_one_output([panel("HDMI-A-1", "screen"), panel("HDMI-A-2", "lookup")])


def test_a_traveller_finds_no_way_out_and_no_decoration() -> None:
    """No key bindings, no bar, no borders, no other window system."""
    config = sway_config([panel("HDMI-A-1", "lookup")])

    assert "bindsym" not in config
    assert "bar {" not in config
    assert "default_border none" in config
    assert "xwayland disable" in config
