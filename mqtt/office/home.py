"""Where the office keeps things.

home/
├── office.db            state (SQLite; or PostgreSQL by URL)
├── objects/ab/{sha256}  every published file's bytes, once
├── authority/           authority.toml, keys/ (0600), tls/ (the X.509 authority)
├── brokers/             configurations and ACLs of the two brokers
└── booths/{id}/         identities to carry to the booths (0600)
"""

from dataclasses import dataclass
from pathlib import Path

from mqtt.office.settings import SETTINGS_FILE, read_settings


@dataclass(frozen=True)
class Home:
    """Paths of one office."""

    root: Path

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the database that ``office.toml`` names, else of the default one.

        Raises:
            ContractError: ``E_CONFIG``; the settings cannot be read.
        """
        named = read_settings(self.root).database.url if (self.root / SETTINGS_FILE).exists() else ""
        return named or f"sqlite:///{self.root / 'office.db'}"

    @property
    def objects(self) -> Path:
        """Published files by digest."""
        return self.root / "objects"

    @property
    def authority(self) -> Path:
        """The regulation and its keys."""
        return self.root / "authority"

    @property
    def keys(self) -> Path:
        """Private keys of the TUF roles, ``{role}-{n}.pem``, 0600."""
        return self.authority / "keys"

    @property
    def tls(self) -> Path:
        """X.509 authority: ``ca.pem``, ``ca.key`` and ``{name}.pem``/``{name}.key`` per process and broker."""
        return self.authority / "tls"

    @property
    def brokers(self) -> Path:
        """Broker configurations."""
        return self.root / "brokers"

    @property
    def booths(self) -> Path:
        """Identities to carry to the booths."""
        return self.root / "booths"
