"""Answering ``want`` with frames: bulk goes out as fast as the line takes it, one copy for a whole gate.

want ─► shelf: is it published, does the index fit (disk) ─► turns: whose piece is next (pure) ─► service: frames
"""
