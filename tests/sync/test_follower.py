"""A follower asks for whatever of a release is not here, however it came to be missing."""

from hashlib import sha256
from pathlib import Path

from appliance.content.layout import Layout
from appliance.content.store import Store
from appliance.sync.follower import Follower
from appliance.trust.verifier import Trust
from mqtt.contract.documents import decode
from mqtt.contract.releases import LIST_LIMIT, BlobRef, FileList, indexes_of
from mqtt.contract.repository import Stream
from tests.practice_office import Office


def test_an_index_that_a_power_cut_took_is_fetched_again(tmp_path: Path) -> None:
    """A large file is durable when it is complete, its index is not: without this the release is never installed."""
    with Office(tmp_path) as office, Trust(tmp_path / "trust", office.roots()[1]) as trust:
        office.add_booth("cb-01")
        office.publish("essentials", "dic", {"clip.mp4": bytes(range(256)) * 1000})
        trust.offer_meta(office.meta().to_bytes())
        view = trust.refresh(office.now)
        head = office.head("essentials", "dic")
        assert view is not None
        assert head is not None
        signed = view.release("essentials", "dic")
        assert signed is not None
        store = Store(Layout(tmp_path / "content"))
        listing = decode(FileList, office.object(head.list.sha256), LIST_LIMIT)
        (lost,) = indexes_of(listing.files[0].blob)
        whole = [BlobRef(sha256=signed.sha256, size=signed.size), head.list, listing.files[0].blob]
        for blob in (*whole, *indexes_of(head.list)):
            store.put(blob, office.object(blob.sha256))

        follower = Follower(Stream(category="essentials", agency="dic"), "cat-bi", store, None)
        assert follower.advance(view) is None
        assert set(follower.pending) == {lost.sha256}

        store.put(lost, office.object(lost.sha256))
        assert follower.landed(sha256(office.object(lost.sha256)).hexdigest())
        assert follower.advance(view) == head
