"""What a worker process may not do: outlive its parent, fill the memory, write a core file, reach the network.

Each measure is taken where the system has it; what is lacking is returned, so that it can be told.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER and CLONE_NEWNET of linux/sched.h
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """End this process when the one that made it ends; `parent` is that one's id."""
    if _LIBC:
        _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before this was said
            os._exit(0)


def limit_memory(size: int) -> None:
    """Bound the address space to `size` bytes, and write no core file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    size = size if most == resource.RLIM_INFINITY else min(size, most)
    if sys.platform == "linux":  # elsewhere the limit is not kept, or counts what the system shares
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def leave_network() -> bool:
    """Move to a network of this process alone, without interfaces; return whether the kernel let it. Before any thread starts."""
    return _LIBC is not None and (_LIBC.unshare(_NEW_NETWORK) == 0 or _LIBC.unshare(_NEW_USER | _NEW_NETWORK) == 0)
