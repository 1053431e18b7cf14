"""The published reference, derived: contract and command lines in, ``docs/reference/`` out.

    kinds ──► schemas ──► asyncapi ┐
      └─────► pages (topics, errors, documents) ┼──► export
    click trees ──► commands                    ┘

Nothing here is written by hand twice: a line in the contract is a line in the reference.
"""
