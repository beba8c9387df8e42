"""ZetDard: a personalised music recommender.

>>> import zetdard
>>> with zetdard.open("home") as z:
...     z.import_files("playlists", "netease_playlists")
...     print(z.recommend("songs", "18a341f00805", n=5).to_json())
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from zetdard.surfaces.python_api import ZetDard, benchmark, make_model, open

__all__ = ["ZetDard", "__version__", "benchmark", "make_model", "open"]


def __getattr__(name: str) -> Any:
    """Import the Python API when it is first used, so that ``import zetdard`` stays light."""
    if name in __all__:
        from zetdard.surfaces import python_api

        return getattr(python_api, name)
    raise AttributeError(f"module 'zetdard' has no attribute {name!r}")
