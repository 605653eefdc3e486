"""A build -> a SPARQL 1.1 store that another server holds: graph by graph, in batches, each counted before it is remembered.

_addresses   what a person types -> where queries, updates and whole graphs go
_parts       graph.nq -> its graphs: where each stands, how many triples, their SHA-256
_target      requests to the store: sent again when it is busy, in halves when it takes no more at once
_records     what the store itself remembers of what it was given
_turn        of two pushes at once, which one goes on
_kept        the graph.nq that was pushed last
_push        the flow
_large       a graph of more triples than go at once: gone on with, brought up to date, or replaced

The store remembers what it holds, so that a push can be gone on with from any machine: its graph BASE/graph/push says of each graph
how many lines of which SHA-256 are there. A line is written when the store has counted as many triples, so that what a failing
server lost is sent again.
"""

from kg.push._addresses import Addresses, addresses
from kg.push._kept import kept_for
from kg.push._push import Options, Outcome, push, summary
from kg.push._records import State, read_state
from kg.push._target import Target, Waiting

__all__ = [
    "Addresses",
    "Options",
    "Outcome",
    "State",
    "Target",
    "Waiting",
    "addresses",
    "kept_for",
    "push",
    "read_state",
    "summary",
]
