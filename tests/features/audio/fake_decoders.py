"""Decoders that fail as real ones do; they run in other processes."""

from __future__ import annotations

import ctypes
import os
import threading
import time

from zetdard.errors import MissingExtraError
from zetdard.features.audio.refusal import AudioError


def decode(file: str) -> str:
    """Do what the name of the file says."""
    match file.split("-")[0]:
        case "segfault":
            ctypes.string_at(0)
        case "sleep":
            time.sleep(600)
        case "allocate":
            held = []
            while True:
                held.append(bytearray(16 << 20))
        case "exit":
            os._exit(3)
        case "refuse":
            raise AudioError("truncated", "2.0 s are missing")
        case "raise":
            raise ZeroDivisionError("no channels")
        case "extra":
            raise MissingExtraError("m4a", "reading m4a files")
        case "unsendable":
            return threading.Lock()  # type: ignore[return-value]
        case "noise":
            os.write(2, b"Warning: Xing stream size off\n")
        case "pause":
            time.sleep(0.2)
    return f"{os.getpid()}"


def threads(_: str) -> str | None:
    return os.environ.get("OMP_NUM_THREADS")
