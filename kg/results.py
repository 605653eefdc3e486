"""Results on standard output, as bytes; what is wrong with standard output is an OutputError, except that nobody reads on."""

from __future__ import annotations

import errno
import os
import sys
from typing import IO

from kg.errors import OutputError

_PART = 1 << 20  # bytes that are copied at once


def write(text: str | bytes) -> None:
    """Write a result; half a surrogate pair becomes an escape. Raises OutputError, and BrokenPipeError when nobody reads on."""
    if sys.stdout is None:  # the caller closed it
        raise _error(OSError(errno.EBADF, os.strerror(errno.EBADF)))
    try:
        sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop()
        raise _error(error) from error


def copy(file: IO[bytes]) -> None:
    """Write what a file holds, from where it is read; raises as `write` does."""
    while part := file.read(_PART):
        write(part)


def drop() -> None:
    """Send to nowhere what standard output still holds, so that the end of the process does not trip over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _error(error: OSError) -> OutputError:
    hint = "free some space, or send the output elsewhere" if error.errno == errno.ENOSPC else "send the output elsewhere"
    return OutputError(f"cannot write standard output: {error.strerror}", hint=hint)
