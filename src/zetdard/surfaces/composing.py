"""Generated music in the Python API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zetdard import registry
from zetdard.errors import InputError
from zetdard.models.base import Workshop
from zetdard.recommend.listener import find_listener
from zetdard.recommend.query import Kind, Query
from zetdard.surfaces.drawing import Drawing

if TYPE_CHECKING:
    from zetdard.jobs.generating import Generated

DCGAN = "dcgan"
"""What the generator is called where models are named."""


class Composing(Drawing):
    """The part of the Python API that makes music."""

    def generate(
        self,
        user: str,
        out: Path | str,
        *,
        seconds: float = 10.0,
        seed: int = 0,
        budget_s: float | None = None,
    ) -> Generated:
        """Generate music like what a listener likes, and write it; see ``docs/generate.md``.

        The networks that do it are trained when they are first needed, which takes minutes, and kept in
        ``HOME/training``.

        Args:
            user: Id of the listener.
            out: A file that ends in .wav.
            seconds: Length of the music, 1 to 600.
            seed: Of the noise that becomes music: another seed gives other music of the same kind.
            budget_s: Training stops after so many seconds; what was learned so far is used and not kept.

        Raises:
            UnknownEntityError: The user is not stored.
            NoDataError: Too few of the user's songs have clips.
            InputError: The length cannot be, or the file cannot be written.
            MissingExtraError: torch is not installed.
        """
        from zetdard.jobs.generating import generate, write_wav

        path = Path(out)
        if path.suffix.lower() != ".wav":
            raise InputError(f"generated music is written to a file that ends in .wav, not {path.name}")
        if not path.absolute().parent.is_dir():
            raise InputError(f"there is no folder {path.absolute().parent}")
        if not 1 <= seconds <= 600:
            raise InputError(f"music is generated for 1 to 600 seconds, not {seconds:g}")
        desk = self._current_desk()
        listener = find_listener(
            Query(kind=Kind.SONGS, user=user),
            desk.dataset,
            desk.search,
            lambda row: self._store.opinions(desk.dataset, row),
        )
        made = generate(
            lambda: registry.composer(self.settings.seed),
            self.features().clips(),
            listener.songs,
            Workshop(self.settings.home / "training", self._progress, budget_s),
            seconds=seconds,
            seed=seed,
        )
        write_wav(made.sound, path)
        return made

    def picture_training(self, model: str, out: Path | str) -> tuple[str, ...]:
        """Draw how a training went; of ``dcgan`` the last that was kept, a point for every 25 steps."""
        if model != DCGAN:
            return super().picture_training(model, out)
        from zetdard.jobs.generating import newest
        from zetdard.surfaces.pictures.canvas import checked
        from zetdard.surfaces.pictures.training import training_picture

        checked(out)
        composer = newest(registry.composer(self.settings.seed), self.settings.home / "training")
        title = f"{DCGAN}, by rounds of 25 steps"
        return training_picture([composer.curve], title, opponents=("discriminator", "generator")).save(out)

    def picture_model(self, model: str, out: Path | str) -> tuple[str, ...]:
        """Draw a network from its actual layers; of ``dcgan`` the generator and then the discriminator."""
        if model != DCGAN:
            return super().picture_model(model, out)
        from zetdard.surfaces.pictures.canvas import checked
        from zetdard.surfaces.pictures.layers import layers_picture

        checked(out)
        return layers_picture(registry.composer(self.settings.seed).layers(), model).save(out)

    def describe_song(self, row: int) -> str:
        """Return title, artists and id of a song of ``dataset()``."""
        return self._describe("song", row)
