"""Places in the program at which a test may end the process at once, as a power failure would.

``ZETDARD_FAILPOINT=name:3`` kills the process when it comes to the place ``name`` for the third time. Unset, a
place costs one look-up.
"""

from __future__ import annotations

import os
import signal

_wanted, _, _count = os.environ.get("ZETDARD_FAILPOINT", "").partition(":")
_left = int(_count or "1") if _wanted else 0


def failpoint(name: str) -> None:
    """Die here, if this is the place that was named."""
    global _left
    if not _wanted or name != _wanted:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
