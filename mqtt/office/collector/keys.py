"""The collector's own keys: those of the key folder that the newest signed targets name."""

from securesystemslib.signer import Signer
from sqlalchemy import Engine
from tuf.api.metadata import Metadata, Targets

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.keys import Keyring
from mqtt.office.signed import newest_files

ROLE = "collector"


def collector_signers(engine: Engine, keyring: Keyring) -> list[Signer]:
    """Return the keys that sign acknowledgements now.

    Raises:
        ContractError: ``E_KEY``; they are not here. ``E_AUTHORITY``; the regulation in force knows no collector.
    """
    with engine.connect() as connection:
        newest = {role: body for role, _, body in newest_files(connection)}
    try:
        delegations = Metadata[Targets].from_bytes(newest["targets"]).signed.delegations
    except Exception as error:
        raise ContractError(ErrorCode.AUTHORITY, f"targets cannot be read: {type(error).__name__}") from error
    if delegations is None or not delegations.roles or ROLE not in delegations.roles:
        raise ContractError(ErrorCode.AUTHORITY, "the regulation in force knows no collector")
    return list(keyring.signers(ROLE, delegations.roles[ROLE], delegations.keys))
