"""The guard: questions about a build are answered by worker processes that can be stopped, never by this process.

    Guard -- order --> nursery -- fork --> worker      a worker opens the store read-only and answers one question at a time
      |                                      |
      +--------- a socket: Asked -->, <-- frames ------+

A query of the store cannot be interrupted: what takes too long, needs too much, or is no longer wanted ends with its process.

asked      what is asked, answered, refused, and within what limits
frames     messages on a socket
nursery    the process that forks workers
worker     the process that answers
confine    what a worker may not do
link       a worker as the asking side sees it
lanes      which question goes to which worker
spool      a reply on its way: what the reader has not taken yet
guard      all of it: builds taken over, questions asked and cancelled
"""

from kg.guard.asked import Answered, Asked, Broken, Limits, Refused, Writable
from kg.guard.guard import Current, Guard, Reply

__all__ = ["Answered", "Asked", "Broken", "Current", "Guard", "Limits", "Refused", "Reply", "Writable"]
