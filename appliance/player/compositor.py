"""The door to sway: which workspace is in front, for booths whose screen and look-up share one output."""

from pathlib import Path

import i3ipc

from appliance.errors import DeviceError, ErrorCode


class Compositor:
    """One connection to sway.

    Args:
        socket: Its IPC socket; None finds it by the environment (``SWAYSOCK``).

    Raises:
        DeviceError: ``E_CONFIG``; sway does not answer. Start it first, then try again.
    """

    def __init__(self, socket: Path | None = None) -> None:
        try:
            self._sway = i3ipc.Connection(str(socket) if socket else None)
        except (OSError, ConnectionError, i3ipc.Exception) as error:
            raise DeviceError(ErrorCode.CONFIG, f"sway: {error}") from error

    def bring(self, role: str) -> None:
        """Bring the workspace of a role (``screen`` or ``lookup``) to the front.

        Raises:
            DeviceError: ``E_CONFIG``; sway refused or went away. What is in front stays.
        """
        try:
            replies = self._sway.command(f"workspace {role}")
        except (OSError, ConnectionError) as error:
            raise DeviceError(ErrorCode.CONFIG, f"sway: {error}") from error
        if not all(reply.success for reply in replies):
            raise DeviceError(ErrorCode.CONFIG, f"sway: no workspace {role}: {replies[0].error}")
