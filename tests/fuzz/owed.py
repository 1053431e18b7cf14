"""What a booth owes, spoilt: the office keeps what the device has signed, a booth forgets on a true word only.

A case of a batch is a line with the topic, then the envelope.
"""

import random
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from securesystemslib.signer import Signer
from sqlalchemy import func, select

from appliance.outbox.file import prepare
from appliance.outbox.rows import Entry, Moment
from appliance.sync.drain import Drain
from appliance.sync.messages import Arrived, Connected, Publish
from mqtt.contract import topics
from mqtt.contract.documents import decode, encode
from mqtt.contract.duty import Delegated
from mqtt.contract.envelopes import key_of, open_sealed, seal, signer_of
from mqtt.contract.errors import ContractError
from mqtt.contract.records import ACK_LIMIT, ACK_PAYLOAD_TYPE, BATCH_LIMIT, BATCH_PAYLOAD_TYPE, Ack, Batch, Priority
from mqtt.contract.topics import Plane
from mqtt.office.collector.batches import acks, keep, read_batch
from mqtt.office.database import certificates, gaps, insert_new, open_database, records
from provisioning.tls import CertificateAuthority
from tests.fuzz.mutation import spoil
from tests.fuzz.target import Parser, must

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
MOMENT = Moment(NOW, trusted=True, boot="b", boottime_ns=0)
BOOTHS = ("cb-01", "cb-02")


class _Parties:
    """Two devices, a collector and a stranger."""

    def __init__(self) -> None:
        authority = CertificateAuthority.found(NOW)
        issued = {name: authority.client(name, NOW) for name in (*BOOTHS, "collector", "stranger")}
        self.signers: dict[str, Signer] = {name: signer_of(one.key) for name, one in issued.items()}
        self.certificates = {name: one.certificate for name, one in issued.items()}


def envelope(_: Path) -> Parser:
    """DSSE envelopes: what opens has a payload that one of the signers has signed under that type."""
    parties = _Parties()
    payloads = [b"{}", b'{"schema":"ack/1"}', bytes(range(256)) * 20]
    device, stranger = parties.signers["cb-01"], parties.signers["stranger"]
    good = [seal(payload, ACK_PAYLOAD_TYPE, [device]) for payload in payloads]
    bad = [
        seal(b"another", BATCH_PAYLOAD_TYPE, [device]),
        seal(b"foreign", ACK_PAYLOAD_TYPE, [stranger]),
        seal(b"nobody's", ACK_PAYLOAD_TYPE, []),
    ]
    keys = [key_of(parties.certificates["cb-01"])]

    def read(case: bytes) -> None:
        must(open_sealed(case, ACK_PAYLOAD_TYPE, keys, 1, 1 << 16) in payloads, "what opens was signed")

    return Parser([*good, *good, *bad], read)


class BatchTarget:
    """The collector with a database."""

    def __init__(self, folder: Path) -> None:
        parties = _Parties()
        self._engine = open_database(f"sqlite:///{folder / 'office.db'}")
        with self._engine.begin() as connection:
            for booth in BOOTHS:
                row = {"booth": booth, "body": parties.certificates[booth]}
                connection.execute(insert_new(connection, certificates), row)
        self._genuine: dict[str, set[bytes]] = {}
        self._samples: list[tuple[str, bytes]] = []
        self._rows = 0
        for booth in BOOTHS:
            for topic, payload in _batches(folder / booth, booth, parties.signers[booth]):
                body = open_sealed(payload, BATCH_PAYLOAD_TYPE, [key_of(parties.certificates[booth])], 1, BATCH_LIMIT)
                self._genuine.setdefault(topic, set()).add(encode(decode(Batch, body, BATCH_LIMIT)))
                self._samples.append((topic, payload))
                self._rows += len(decode(Batch, body, BATCH_LIMIT).records)
        self._topics = sorted(self._genuine)

    def case(self, dice: random.Random) -> bytes:
        """A spoilt batch on its topic, or a whole one on another's."""
        topic, payload = dice.choice(self._samples)
        if dice.random() < 0.2:
            return dice.choice(self._topics).encode() + b"\n" + payload
        return topic.encode() + b"\n" + spoil(dice, [payload])

    def accepts(self, case: bytes) -> bool:
        """Read it, keep it twice, and answer."""
        name, _, payload = case.partition(b"\n")
        topic = name.decode("utf-8", "replace")
        try:
            with self._engine.begin() as connection:
                delivery = read_batch(connection, topic, payload)
                if delivery is None:
                    return False
                must(encode(delivery.batch) in self._genuine.get(topic, ()), "the device of this topic signed it")
                keep(connection, delivery.batch, NOW)
                keep(connection, delivery.batch, NOW)
                must(acks(connection, delivery)[0].through == delivery.batch.last, "the answer is bound to it")
                must(connection.scalar(select(func.count()).select_from(records)) <= self._rows, "each row once")
                must(not connection.scalar(select(func.count()).select_from(gaps)), "nothing was given up")
        except ContractError:
            return False
        return True


class WordTarget:
    """A drain with batches in flight hears signed words on them.

    A case is a line with the signer's name, then what is signed; ``BATCH`` and ``STREAM`` stand for what is in flight.
    """

    def __init__(self, folder: Path) -> None:
        self._parties = _Parties()
        self._outbox = prepare(folder / "outbox" / "outbox.db", lambda: MOMENT)
        self._outbox.append_all([Entry("count", {"n": n}, Priority.AUDIT) for n in range(3)])
        self._trusted = Delegated("collector", (key_of(self._parties.certificates["collector"]),), 1)
        self._stream, self._owed = self._outbox.stream, self._numbers()
        self._fly()

    def case(self, dice: random.Random) -> bytes:
        """A spoilt word of the collector, or any word of somebody else."""
        true = b'{"schema":"ack/1","booth":"cb-01","stream":"STREAM","through":%d,"batch":"BATCH"}' % self._owed[-1]
        name = "collector" if dice.random() < 0.8 else dice.choice(("stranger", "cb-01"))
        return name.encode() + b"\n" + spoil(dice, [true])

    def accepts(self, case: bytes) -> bool:
        """Hear it; rows go only by a word of the collector on this very batch."""
        name, _, body = case.partition(b"\n")
        signer = self._parties.signers.get(name.decode("utf-8", "replace"))
        said = body.replace(b"BATCH", self._digest.encode()).replace(b"STREAM", self._stream.encode())
        word = seal(said, ACK_PAYLOAD_TYPE, [signer] if signer else [])
        try:
            self._drain.take(Arrived(Plane.CONTROL, topics.ACK.at(booth="cb-01"), word), 0.0)
        except ContractError:
            must(self._numbers() == self._owed, "a refused word frees nothing")
            return False
        if self._numbers() == self._owed:
            return False
        true = Ack(booth="cb-01", stream=self._stream, through=self._owed[-1], batch=self._digest)
        must(name == b"collector" and decode(Ack, said, ACK_LIMIT) == true, "only the collector's word frees rows")
        self._outbox.owe_again(self._stream, 0)
        self._fly()
        return True

    def _fly(self) -> None:
        """Another batch of the same rows, the first having been answered."""
        self._drain = Drain("cb-01", lambda: self._outbox, self._parties.signers["cb-01"], lambda: self._trusted)
        self._drain.take(Connected(Plane.CONTROL), 0.0)
        (message,) = (one for one in self._drain.outgoing(0.0) if isinstance(one, Publish))
        self._digest = sha256(message.payload).hexdigest()

    def _numbers(self) -> list[int]:
        portion = self._outbox.portion(Priority.AUDIT, 0, 1 << 20)
        return [record.sequence for record in portion.records] if portion else []


def _batches(folder: Path, booth: str, signer: Signer) -> list[tuple[str, bytes]]:
    outbox = prepare(folder / "outbox" / "outbox.db", lambda: MOMENT)
    outbox.append_all([Entry("count", {"n": n, "text": "đếm"}, priority) for n in range(4) for priority in Priority])
    drain = Drain(booth, lambda: outbox, signer, lambda: None)
    drain.take(Connected(Plane.CONTROL), 0.0)
    return [(message.topic, message.payload) for message in drain.outgoing(0.0) if isinstance(message, Publish)]
