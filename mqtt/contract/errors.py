"""Every refusal has one code, one meaning and one remedy, here and nowhere else.

A code travels in ``reported`` to the office, stands in the log of the booth and on the terminal of ``boothctl``.
"""

from enum import StrEnum
from typing import Final, Self

DETAIL_LIMIT: Final = 500
"""Characters of a detail; hostile input never fills a log or a report."""


class ErrorCode(StrEnum):
    """The documented enumeration: value, what it means, what the person who can act should do."""

    meaning: str
    remedy: str

    def __new__(cls, value: str, meaning: str, remedy: str) -> Self:
        """Attach meaning and remedy to the code."""
        code = str.__new__(cls, value)
        code._value_ = value
        code.meaning = meaning
        code.remedy = remedy
        return code

    # Trust: who said it, and is it the newest.
    SIGNATURE = (
        "E_SIGNATURE",
        "Too few valid signatures.",
        "Sign again with the keys named in the regulation.",
    )
    THRESHOLD = (
        "E_THRESHOLD",
        "Fewer officers have signed than the regulation asks for.",
        "Let another officer of the same duty sign it as well.",
    )
    AUTHORITY = (
        "E_AUTHORITY",
        "Signed by an agency that may not say this.",
        "Let the competent agency publish it, or change the regulation.",
    )
    COSIGN = (
        "E_COSIGN",
        "Territory is declared and Foreign Affairs has not signed this release head.",
        "Ask Foreign Affairs to co-sign exactly this release.",
    )
    ROLLBACK = "E_ROLLBACK", "Older than what the booth has already believed.", "Publish a newer version."
    EXPIRED = "E_EXPIRED", "The signature's time has run out on the trusted clock.", "Sign the role again."
    REVOKED = "E_REVOKED", "The agency has revoked this release.", "Publish a new release."
    AUDIENCE = "E_AUDIENCE", "Signed for other gates than this one.", "Publish for this gate as well."
    OFFICER = (
        "E_OFFICER",
        "The officer is not known, has been revoked, or the appointment has run out.",
        "Let another officer sign, or renew the appointment in the regulation.",
    )
    SAME_PERSON = (
        "E_SAME_PERSON",
        "One person would act in two steps that the regulation gives to different persons.",
        "Let another officer take this step.",
    )
    APPROVAL = (
        "E_APPROVAL",
        "A step of approval is missing, or speaks of other content.",
        "Let the officer named approve exactly this version.",
    )
    AUDIT = (
        "E_AUDIT",
        "The audit log has been altered, or an entry is missing.",
        "Keep the file as it is, compare it with the copies, and tell who watches over the office.",
    )
    FUTURE = (
        "E_FUTURE",
        "It says that it was sent later than now.",
        "Correct the clock of the machine that signed it, and sign it again.",
    )
    CANCELLED = (
        "E_CANCELLED",
        "The notice was cancelled or updated by a later one.",
        "If it holds again, send it as a new notice.",
    )
    PROTECTED = (
        "E_PROTECTED",
        "A protected key of the configuration that no operations officer has signed.",
        "Let an operations officer push this change.",
    )
    CLOCK = "E_CLOCK", "The clock is not to be trusted.", "Check NTP and the RTC battery of the device."

    # Form: is it what it says it is.
    SCHEMA = "E_SCHEMA", "Document of an unknown kind or major version.", "Update the booth's software first."
    MALFORMED = (
        "E_MALFORMED",
        "Not well-formed, truncated, or a field is wrong.",
        "Send it again; if it stays, report it.",
    )
    UNKNOWN_FIELD = (
        "E_UNKNOWN_FIELD",
        "A field nobody knows, refused before signing.",
        "Correct the spelling.",
    )
    SIZE = (
        "E_SIZE",
        "Larger than allowed, or not the size that was signed.",
        "Check the file at the publisher.",
    )
    DIGEST = (
        "E_DIGEST",
        "The bytes do not have the digest that was signed.",
        "The line or the source alters bytes; check it.",
    )
    PATH = (
        "E_PATH",
        "A file path is absolute, leaves its folder or is not portable (Unicode NFC, no control characters).",
        "Rename the file at the publisher.",
    )
    DUPLICATE = (
        "E_DUPLICATE",
        "Two paths of one list are the same, or one is a folder of the other.",
        "Remove one of the two.",
    )
    FRAME = (
        "E_FRAME",
        "A transfer frame lies out of bounds.",
        "The sender is broken; look at the chunk server.",
    )

    # Place: can it be kept, can it be shown.
    DISK = (
        "E_DISK",
        "Not enough free space on the data partition.",
        "Shrink the releases or replace the card.",
    )
    MISSING = "E_MISSING", "The office does not have what it has assigned.", "Publish the release again."
    PREPARE = (
        "E_PREPARE",
        "An item of the release cannot be shown.",
        "Correct the item that is named and publish again.",
    )
    HEALTH = (
        "E_HEALTH",
        "A release was shown and did not hold; what was shown before it is back.",
        "Look at what is named, correct it and publish again.",
    )
    QUARANTINE = (
        "E_QUARANTINE",
        "The player died twice while this item was on the screen; it is skipped.",
        "Export the item again in a supported format and publish it.",
    )
    LINK = "E_LINK", "The broker is out of reach.", "Nothing is lost; check cable, network and broker."
    TLS_DATES = (
        "E_TLS_DATES",
        "The broker's certificate is outside its dates.",
        "Renew the broker's certificate.",
    )
    ACK = (
        "E_ACK",
        "An acknowledgement does not match the batch that was sent.",
        "Look at the collector of the office.",
    )

    INTERRUPTED = (
        "E_INTERRUPTED",
        "The booth went down while it was being done.",
        "Look whether it was done, and order it again if not.",
    )
    UNSUPPORTED = (
        "E_UNSUPPORTED",
        "This booth cannot do that, or its software cannot do it yet.",
        "Update the booth's software, or do it at the booth.",
    )

    # Source: what a civil servant can mend before anything is signed.
    SOURCE_LAYOUT = (
        "E_SOURCE_LAYOUT",
        "A file or folder is not where the format wants it.",
        "Move or rename it.",
    )
    SOURCE_FRONT = (
        "E_SOURCE_FRONT",
        "The front matter is missing, not TOML, or a field is wrong.",
        "Correct the line named.",
    )
    SOURCE_LANGUAGE = "E_SOURCE_LANGUAGE", "A language is missing.", "Add the file for that language."
    SOURCE_LINK = "E_SOURCE_LINK", "A link or picture leads nowhere.", "Add the file or correct the link."
    SOURCE_DATE = (
        "E_SOURCE_DATE",
        "A date is wrong or the validity ends before it begins.",
        "Correct the date.",
    )
    SOURCE_TERRITORY = (
        "E_SOURCE_TERRITORY",
        "A map does not declare whether it shows territory.",
        "Write territory = true or false for it.",
    )
    SOURCE_STREAM = (
        "E_SOURCE_STREAM",
        "A category or supplier that streams.toml does not know.",
        "Add it there, or move the item.",
    )
    SOURCE_MEDIA = (
        "E_SOURCE_MEDIA",
        "A picture, video or PDF cannot be read.",
        "Export it again in a supported format.",
    )

    CAP = (
        "E_CAP",
        "The CAP 1.2 document breaks a rule.",
        "Correct the element named in the system that wrote it, and import it again.",
    )
    TEXT = (
        "E_TEXT",
        "The texts of one announcement do not fit together.",
        "Correct the language named.",
    )

    # Office: what the one at the terminal can mend.
    EXISTS = (
        "E_EXISTS",
        "It exists already and is not overwritten.",
        "Choose another folder, or move the old one away.",
    )
    UNKNOWN = "E_UNKNOWN", "Nobody knows this name here.", "Check the spelling against the inventory."
    CONFIG = "E_CONFIG", "A setting is missing or wrong.", "Correct the key named."
    PRACTICE = (
        "E_PRACTICE",
        "A step of the practice did not hold.",
        "Read the words of the processes in the folder logs of the practice.",
    )
    KEY = "E_KEY", "A private key is missing or may be read by others.", "Restore it with permissions 0600."


class ContractError(Exception):
    """Something arrived that breaks the agreement: keep what you have, report the code.

    Args:
        code: One of the documented codes.
        detail: What exactly, for the person who can act; no secrets. Cut at :data:`DETAIL_LIMIT`.
    """

    def __init__(self, code: ErrorCode, detail: str) -> None:
        self.code = code
        self.detail = detail[:DETAIL_LIMIT]
        super().__init__(f"{code}: {self.detail}")
