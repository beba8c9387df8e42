"""The sandbox: an invented world of listeners and music whose truth is known, for demos and tests.

``docs/sandbox.md`` writes down the model of taste. Nothing here is about real people or real music.
"""

from zetdard.sandbox.config import SCALES, WorldConfig
from zetdard.sandbox.world import World, generate

__all__ = ["SCALES", "World", "WorldConfig", "generate"]
