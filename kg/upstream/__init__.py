"""A store that another server holds, read over SPARQL 1.1: what `kg serve --upstream` answers from.

_place    where it is, how it is asked
_look     which build it holds
_store    what a store of this machine can be asked, over SPARQL
_dataset  the graphs that a query reads, for stores that show all graphs as the default one
"""

from kg.upstream._look import LookingUp, found_at
from kg.upstream._place import Place
from kg.upstream._store import UpstreamStore

__all__ = ["LookingUp", "Place", "UpstreamStore", "found_at"]
