"""The edge of a gate: brokers bridged to the office's, and a cache of chunks, so that one copy crosses the line.

office ══bridge══► bulk broker ──► booths            a frame from the office goes to all of them, and to the cache
                      ▲   │
         frames       │   ▼  want of a booth
                      cache ──► want of the edge ══bridge══► office        only what the cache lacks
"""
