"""An officer's key in a PKCS#11 token: SoftHSM stands for a card, everything else is as in service."""

import subprocess
import sys
from pathlib import Path

import pytest

from mqtt.contract.errors import ContractError, ErrorCode
from mqtt.office.keys import PIN, Keyring
from provisioning.regulation import apply_regulation
from tests.practice_office import REGULATION, Office

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PLACE = "hsm:2?label=card-of-an"
NAMED = (
    REGULATION + f'\n[officers]\nan = {{ name = "Bùi An", agency = "dic", duties = ["publisher"], key = "{PLACE}" }}\n'
)
_MAKE_KEY = f"""
import pkcs11
from pkcs11.util.ec import encode_named_curve_parameters
token = pkcs11.lib("{MODULE}").get_token(token_label="card-of-an")
with token.open(user_pin="4711", rw=True) as session:
    curve = encode_named_curve_parameters("secp256r1")
    parameters = session.create_domain_parameters(pkcs11.KeyType.EC, {{pkcs11.Attribute.EC_PARAMS: curve}}, local=True)
    parameters.generate_keypair(store=True, id=b"\\x02", label="an")
"""


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = tmp_path / "tokens"
    tokens.mkdir()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(conf))
    monkeypatch.setenv("PYKCS11LIB", MODULE)
    monkeypatch.setenv(PIN, "4711")
    init = ("softhsm2-util", "--init-token", "--free", "--label", "card-of-an", "--pin", "4711", "--so-pin", "4712")
    subprocess.run(init, check=True, capture_output=True)
    subprocess.run((sys.executable, "-c", _MAKE_KEY), check=True)


def in_a_process_of_its_own(code: str, *arguments: str) -> str:
    """A PKCS#11 module is opened once per process and keeps the settings of that moment."""
    done = subprocess.run((sys.executable, "-c", code, *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


_JOURNEY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from mqtt.office.keys import Keyring
from tests.practice_office import Office
from tests.office.test_tokens import NAMED

with Office(Path(sys.argv[1]), regulation=NAMED) as office:
    from mqtt.office.publish import publish_release
    built = office.build("city", "dic", {"a/item.dat": b"one"})
    number = publish_release(office.home, office.engine, built, office.now, ("an",))
    private = list(office.home.keys.glob("officer-an.pem"))
    print(number, len(private), Keyring(office.home.keys).officer("an").scheme)
"""


@pytest.mark.usefixtures("card")
def test_a_release_is_signed_by_a_key_that_never_leaves_its_token(tmp_path: Path) -> None:
    """Founded with the token present: the office knows the public key, there is no private one in a file."""
    said = in_a_process_of_its_own(f"import sys; sys.path.insert(0, '.')\n{_JOURNEY}", str(tmp_path / "work"))
    assert said == "1 0 ecdsa-sha2-nistp256"


@pytest.mark.usefixtures("card")
def test_a_wrong_pin_signs_nothing_and_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PIN, "0000")
    code = f"import sys; sys.path.insert(0, '.')\n{_JOURNEY}"
    done = subprocess.run(
        (sys.executable, "-c", code, str(tmp_path / "work")), capture_output=True, text=True, check=False
    )
    assert "E_KEY: the key does not sign: PinIncorrect" in done.stderr


@pytest.mark.usefixtures("card")
def test_a_missing_token_is_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Office(tmp_path / "office") as office:
        monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "nowhere.conf"))
        with pytest.raises(ContractError) as refused:
            apply_regulation(office.home, office.engine, NAMED.encode(), office.now)
    assert refused.value.code is ErrorCode.KEY
    with pytest.raises(ContractError):
        Keyring(tmp_path).signer_of("an")
