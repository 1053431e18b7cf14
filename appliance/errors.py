"""Errors of a booth, grouped by what the caller should do."""

from mqtt.contract.errors import ContractError, ErrorCode


class BoothError(ContractError):
    """Base: carries a documented code and goes into ``reported``."""


class RefusedError(BoothError):
    """Somebody else is wrong (office, agency, stick): keep what is shown, report, wait for something better."""


class DeviceError(BoothError):
    """This device cannot do it now (disk, clock): keep what is shown, report, try again later."""


class LinkError(BoothError):
    """The broker is out of reach or not to be believed: keep what we have, try again later."""


class SetupError(BoothError):
    """The booth is not set up rightly: tell the installer, do not start."""


__all__ = ["BoothError", "DeviceError", "ErrorCode", "LinkError", "RefusedError", "SetupError"]
