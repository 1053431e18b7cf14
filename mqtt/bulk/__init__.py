"""Receiving bulk, wherever the receiver stands: a booth, or the edge of a gate asking for what its booths lack. Pure.

window: how much may be on its way ─┐
limit:  how much may be asked for  ─┴─► transfer: which chunks to ask for now, what to make of a frame
"""
