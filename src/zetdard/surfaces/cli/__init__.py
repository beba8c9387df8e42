"""The command line: arguments → job → text or JSON.

Only this package's ``app`` module is imported for ``--help``; a command imports what it needs when it runs.
"""

from __future__ import annotations

from zetdard.surfaces.cli.app import app, main

__all__ = ["app", "main"]
