"""An open home: settings, the store, and a desk over its present state. What is asked of it stands in other files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from zetdard import registry
from zetdard.data.dataset import Dataset
from zetdard.jobs.recommending import Desk
from zetdard.jobs.shelf import ModelShelf
from zetdard.models.base import Workshop
from zetdard.progress import Progress, silent
from zetdard.records import MusicFile
from zetdard.settings import Settings
from zetdard.store.blobs import Blobs
from zetdard.store.store import Store

if TYPE_CHECKING:
    from zetdard.data.clips import Clips
    from zetdard.data.features import FeatureBlock
    from zetdard.data.traits import SongTraits
    from zetdard.features.culture import Culture
    from zetdard.jobs.featurize.shelf import FeatureShelf
    from zetdard.jobs.featurize.traits import SongFeatures


class Home:
    """An open home.

    Args:
        settings: Where things lie and what counts.
        progress: Told about everything that takes a while.
    """

    def __init__(self, settings: Settings, *, progress: Progress = silent) -> None:
        self.settings = settings
        self._progress = progress
        self._store = Store.open(settings.database_url)
        self._blobs = Blobs(settings.blobs_folder)
        self._desk: Desk | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the database."""
        self._store.close()

    def dataset(self) -> Dataset:
        """Return what is stored, as rows and matrices."""
        return self._current_desk().dataset

    def counts(self) -> dict[str, int]:
        """Return how many rows each table holds."""
        return self._store.counts()

    def imports(self) -> list[dict[str, object]]:
        """Return the imports so far, oldest first."""
        return self._store.imports()

    def describe_places(self, file: Path | str) -> int:
        """Keep a table of numbers about places, which models may learn from; it replaces the one that is kept.

        Args:
            file: CSV, see ``docs/context.md``.

        Returns:
            Of how many listeners it has the place.

        Raises:
            FormatError: The file breaks the format; nothing is kept.
            InputError: The home cannot be written to.
        """
        from zetdard.features.culture import keep_culture, read_culture

        culture = read_culture(Path(file))
        keep_culture(Path(file), self.settings.home)
        return sum(culture.find(region) is not None for region in self.dataset().regions)

    def refused_files(self, folder: Path | str | None = None) -> list[MusicFile]:
        """Return the music files that imports could not use, with the reasons.

        Args:
            folder: Only those below it; ``None`` = all.
        """
        files = [file for file in self._store.music_files().values() if file.reason is not None]
        if folder is None:
            return files
        below = Path(folder).absolute().as_uri().rstrip("/") + "/"
        return [file for file in files if file.uri.startswith(below)]

    def _find(self, kind: Literal["song", "artist"], item: str) -> int:
        desk = self._current_desk()
        return desk.search.song(item) if kind == "song" else desk.dataset.artists.find(item)

    def _describe(self, kind: Literal["song", "artist"], row: int) -> str:
        desk = self._current_desk()
        return desk.search.describe(row) if kind == "song" else desk.dataset.artists.name(row)

    def _current_desk(self) -> Desk:
        """Return a desk over the present state of the store."""
        if self._desk is None or self._desk.revision != self._store.revision():
            self._progress("reading the store", 0, 1)
            self._desk = Desk(
                self._store,
                self._store.revision(),
                self._store.dataset(self.settings.relations),
                ModelShelf(self.settings.home / "models", registry.model_kinds),
                read_traits=self._read_traits,
                read_block=self._read_block,
                read_culture=self._read_culture,
                read_clips=self._read_clips,
                workshop=Workshop(self.settings.home / "training"),
                seed=self.settings.seed,
                threads=self.settings.threads,
                progress=self._progress,
            )
            self._progress("reading the store", 1, 1)
        return self._desk

    def _features(self, dataset: Dataset) -> SongFeatures:
        """Return the features of the songs of a dataset."""
        from zetdard.jobs.featurize.traits import SongFeatures

        return SongFeatures(self._store, dataset, self._shelf(), self._blobs, self._progress)

    def _shelf(self) -> FeatureShelf:
        """Return where features lie; recordings are embedded where the weights are there."""
        from zetdard.features.audio.hearing import Hearing
        from zetdard.features.audio.musicnn.weights import weights_file
        from zetdard.features.audio.sampling import Sampling
        from zetdard.jobs.featurize.shelf import FeatureShelf

        weights = self.settings.home / "weights"
        there = weights_file(weights).is_file()
        sampling = Sampling()
        if self.settings.excerpts is not None:
            count, _, seconds = self.settings.excerpts.partition("x")
            sampling = Sampling.spread(int(count), float(seconds))
        hearing = Hearing(sampling, weights if there else None)
        return FeatureShelf(self.settings.home / "features", hearing)

    def _read_traits(self, dataset: Dataset, spaces: bool) -> SongTraits:
        """Return what recommend sees of songs; nothing where nothing was ever featurized."""
        from zetdard.data.traits import SongTraits

        known = (self.settings.home / "features").is_dir()
        return self._features(dataset).traits(spaces=spaces) if known else SongTraits()

    def _read_block(self, dataset: Dataset, name: str) -> FeatureBlock:
        """Return one kind of features of the songs of a dataset; see ``SongFeatures.block``."""
        return self._features(dataset).block(name)

    def _read_clips(self, dataset: Dataset) -> Clips:
        """Return excerpts of the songs' sound; see ``SongFeatures.clips``."""
        return self._features(dataset).clips()

    def _read_culture(self) -> Culture | None:
        """Return the numbers about places that ``describe_places`` keeps; ``None`` where there are none."""
        from zetdard.features.culture import KEPT, read_culture

        path = self.settings.home / KEPT
        return read_culture(path) if path.is_file() else None
