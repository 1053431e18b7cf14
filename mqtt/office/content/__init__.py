"""From a folder that a civil servant edits to numbered releases.

source (parse, collect every mistake) → check (rules) → coverage (who is served) → build (releases in ``objects/``)
"""
