"""``python -m zetdard``."""

from __future__ import annotations

from zetdard.surfaces.cli import main

if __name__ == "__main__":
    main()
