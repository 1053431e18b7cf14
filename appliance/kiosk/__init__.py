"""The touch page: what a traveller reads, in the traveller's language, from the content set on this booth.

    content/current ─ shelf ─→ edition ─→ pages ─→ templates      app wires them to addresses
                      (read      (what is   (what    (how it
                       once)      in force)  to say)  looks)

Only the edge touches Flask (``app``, ``headers``); everything a page says is decided without it.
"""
