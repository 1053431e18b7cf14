"""Every parser of foreign bytes. One line each: name, share, how to make it."""

from typing import Final

from mqtt.contract.documents import schema_of
from mqtt.office.reference.kinds import kinds
from tests.fuzz import orders, owed, texts, wire
from tests.fuzz.arrivals import SessionTarget
from tests.fuzz.arriving import PartialTarget
from tests.fuzz.caps import cap
from tests.fuzz.orders import CommandTarget, NoticeTarget
from tests.fuzz.owed import BatchTarget, WordTarget
from tests.fuzz.signed import TrustTarget
from tests.fuzz.sticks import StickTarget
from tests.fuzz.target import Entry

TARGETS: Final = (
    *(Entry(f"document {schema_of(kind)}", 40, wire.document(kind)) for kind in kinds()),
    Entry("frame", 80, wire.frame),
    Entry("chunk index", 80, wire.index),
    Entry("meta set", 60, wire.meta),
    Entry("topic", 80, wire.topic),
    Entry("path", 80, wire.path),
    Entry("saying of a booth", 60, wire.saying),
    Entry("page of an item", 40, texts.page),
    Entry("content source", 8, texts.tree),
    Entry("identity.toml", 40, texts.identity_file),
    Entry("version floors", 40, texts.floors),
    Entry("cap", 30, cap),
    Entry("fact", 30, texts.fact),
    Entry("partial and its map", 20, PartialTarget),
    Entry("trust", 20, TrustTarget),
    Entry("stick", 15, StickTarget),
    Entry("envelope", 60, owed.envelope),
    Entry("batch at the office", 30, BatchTarget),
    Entry("word of the collector", 30, WordTarget),
    Entry("notice", 40, NoticeTarget),
    Entry("command", 30, CommandTarget),
    Entry("config draft", 40, orders.layer_file),
    Entry("config layer", 40, orders.layer_document),
    Entry("session", 60, SessionTarget),
)
