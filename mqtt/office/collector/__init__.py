"""What booths say of themselves, judged and kept.

reported, info, conn ─► judge: who says it, is it newer than what we have (pure) ─► service: commit, acknowledge
"""
