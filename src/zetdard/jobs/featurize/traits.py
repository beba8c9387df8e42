"""Arrays on disk → what is known of the songs of a dataset: blocks whose rows are the dataset's songs."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from zetdard.data.clips import Clips, Samples16
from zetdard.data.dataset import Dataset
from zetdard.data.features import FeatureBlock
from zetdard.data.moods import SongMoods
from zetdard.data.taste import TasteSongs
from zetdard.data.traits import Lexicon, SongTraits
from zetdard.data.types import Csr, Rows
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError, NoDataError, StoreError
from zetdard.features.audio.clips import CLIPS_VERSION
from zetdard.features.audio.descriptors import DESCRIPTOR_NAMES
from zetdard.features.audio.hearing import CLIPS, DESCRIPTORS, MUSICNN
from zetdard.features.audio.musicnn import EMBEDDING_NAMES, TAGS
from zetdard.features.lyrics.describe import LYRIC_NAMES
from zetdard.features.lyrics.embedding import EMBEDDING_NAMES as MEANING_NAMES
from zetdard.features.lyrics.wording import lyric_hash
from zetdard.features.soundspace import sound_space
from zetdard.jobs.featurize.moods import moods_of
from zetdard.jobs.featurize.network import network_block
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.jobs.featurize.wordspace import standing_word_space
from zetdard.progress import Progress, silent
from zetdard.store.arrays import ArrayFolder
from zetdard.store.attachments import Sound, path_of
from zetdard.store.blobs import Blobs
from zetdard.store.store import Store

_SILENCE_LUFS = -70.0
"""What the loudness meter says where no block passes its gate."""

logger = logging.getLogger(__name__)


class SongFeatures:
    """The features of the songs of a dataset, put together from a home when they are asked for.

    Args:
        store: Says which recordings and lyrics songs have.
        dataset: Whose songs the rows are.
        shelf: Where the arrays lie.
        blobs: The folder of recordings that came from a service.
        progress: Told what is put together.
    """

    def __init__(
        self,
        store: Store,
        dataset: Dataset,
        shelf: FeatureShelf,
        blobs: Blobs,
        progress: Progress = silent,
    ) -> None:
        self._dataset = dataset
        self._songs = dataset.songs
        self._shelf = shelf
        self._progress = progress
        self._store = store
        self._blobs = blobs
        self._recordings: list[tuple[int, Sound]] = [
            (row, sound)
            for sound in store.sounds(blobs.place if blobs.is_used() else None)
            if (row := dataset.songs.by_origin(*sound.origin)) is not None
        ]
        self._sounds = [(row, sound.sha256) for row, sound in self._recordings]

    def recording(self, song: int) -> Path | None:
        """Return where a recording of a song lies, if one is there."""
        for row, sound in self._recordings:
            if row == song:
                path = self._blobs.path(sound.sha256) if sound.uri is None else path_of(sound.uri)
                if path.is_file():
                    return path
        return None

    def traits(self, *, spaces: bool = True) -> SongTraits:
        """Return what recommend sees of them.

        Args:
            spaces: Also the spaces of sound and words; reasons need only tags, words and descriptors.
        """
        self._progress("putting features together", 0, 1)
        descriptors = self.descriptors()
        lexicon, words = self._words(spaces=spaces)
        sound = None
        if spaces:
            with suppress(NoDataError):  # nothing was heard yet
                sound = sound_space(
                    _audible(descriptors, descriptors), _audible(self.embedding(), descriptors)
                )
        moods = None
        with suppress(NoDataError):  # nobody gave any
            moods = self.moods()
        traits = SongTraits(
            sound=sound,
            words=words,
            tags=_audible(self.tags(), descriptors),
            lexicon=lexicon,
            descriptors=descriptors,
            moods=moods,
        )
        self._progress("putting features together", 1, 1)
        return traits

    def block(self, name: str) -> FeatureBlock:
        """Return one kind of features by its name, for models that learn from it.

        Args:
            name: ``descriptors``, ``musicnn``, ``tags``, ``moods``, ``lyrics``, ``meaning``, ``words`` or ``network``.

        Raises:
            InputError: There is no such kind.
            NoDataError: Moods: nobody gave any.
        """
        kinds: dict[str, Callable[[], FeatureBlock]] = {
            "descriptors": self.descriptors,
            "musicnn": self.embedding,
            "tags": self.tags,
            "moods": lambda: self.moods().block,
            "lyrics": self.lyric_numbers,
            "meaning": self.meanings,
            "words": self.words,
            "network": self.network,
        }
        if name not in kinds:
            raise InputError(f"there are no features {name!r}; there are: {', '.join(kinds)}")
        return kinds[name]()

    def words(self) -> FeatureBlock:
        """Return the space of words and meaning."""
        _, words = self._words(spaces=True)
        vocabulary = self._songs.vocabulary
        nothing = np.zeros((len(vocabulary), 0), np.float32)
        return words or FeatureBlock(vocabulary, nothing, (), {}, np.zeros(len(vocabulary), np.bool_))

    def network(self) -> FeatureBlock:
        """Return each song's place in the network."""
        return network_block(self._dataset, self._shelf, progress=self._progress)

    def descriptors(self) -> FeatureBlock:
        """Return the audio descriptors."""
        return self._block(DESCRIPTORS, "values", DESCRIPTOR_NAMES)

    def embedding(self) -> FeatureBlock:
        """Return MusiCNN's embedding."""
        return self._block(MUSICNN, "mean", EMBEDDING_NAMES)

    def tags(self) -> FeatureBlock:
        """Return the probability of each of MusiCNN's tags."""
        return self._block(MUSICNN, "tags", TAGS)

    def moods(self) -> SongMoods:
        """Return the moods that a person gave of some songs, and those that were heard in others.

        Raises:
            NoDataError: Nobody gave any.
            FormatError: The table that is kept breaks its format.
        """
        return moods_of(self._shelf, self._songs, self.sound_contents())

    def sound_contents(self) -> dict[str, dict[int, str]]:
        """Return whose sound is known: kind → row → content hash of the recording that it is of."""
        return {kind: self._contents(kind) for kind in (DESCRIPTORS, MUSICNN, CLIPS)}

    def sound(self) -> TasteSongs:
        """Return what is known of the sound, for whatever learns from it."""
        blocks = self._sound_blocks()
        with suppress(NoDataError):  # there are no clips
            return TasteSongs(blocks, self.clips())
        return TasteSongs(blocks)

    def _sound_blocks(self) -> dict[str, FeatureBlock]:
        return {DESCRIPTORS: self.descriptors(), MUSICNN: self.embedding()}

    def _contents(self, kind: str) -> dict[int, str]:
        folder = self._shelf.audio(kind)
        return _first(self._sounds, _made(folder, ".npy" if kind == CLIPS else ".npz"))

    def clips(self) -> Clips:
        """Return the excerpts that networks hear.

        Raises:
            NoDataError: There are none.
        """
        folder = self._shelf.audio(CLIPS)
        chosen = self._contents(CLIPS)
        if not chosen:
            raise NoDataError("there are no clips: make them with zetdard featurize audio --clips")
        config = self._shelf.hearing.clips

        def open_(row: int) -> Samples16:
            return folder.open_one(chosen[row])

        rows = np.array(sorted(chosen), np.int32)
        identity = hashlib.sha256(
            repr((CLIPS_VERSION, config.settings(), sorted(chosen.items()))).encode()
        ).hexdigest()
        return Clips(self._songs.vocabulary, config.rate, config.count, config.frames, rows, open_, identity)

    def lyric_numbers(self) -> FeatureBlock:
        """Return the numbers about lyrics: language, feeling, pace and others."""
        folder, chosen = self._lyrics()
        return _block(folder, "values", LYRIC_NAMES, chosen, self._songs.vocabulary)

    def meanings(self) -> FeatureBlock:
        """Return what lyrics mean, as directions in which Chinese and English lie together."""
        folder, chosen = self._lyrics()
        return _block(folder, "meaning", MEANING_NAMES, chosen, self._songs.vocabulary)

    def _block(self, kind: str, array: str, columns: tuple[str, ...]) -> FeatureBlock:
        folder = self._shelf.audio(kind)
        vocabulary = self._songs.vocabulary

        def made() -> FeatureBlock:
            return _block(folder, array, columns, self._contents(kind), vocabulary)

        return _without_damage(made)

    def _lyrics(self) -> tuple[ArrayFolder, dict[int, str]]:
        """Return the arrays of lyrics, and which each song has; of joined songs the first that has words."""
        folder = self._shelf.lyrics()
        made = _made(folder, ".npz")
        pairs = [
            (row, sha256)
            for origin, lyric in self._store.lyrics()
            if (row := self._songs.by_origin(*origin)) is not None and (sha256 := lyric_hash(lyric)) in made
        ]
        present = folder.table("present", sorted({sha256 for _, sha256 in pairs})) if pairs else np.zeros(0)
        with_words = {
            sha for sha, there in zip(sorted({sha for _, sha in pairs}), present, strict=True) if there
        }
        return folder, _first(pairs, with_words)

    def _words(self, *, spaces: bool) -> tuple[Lexicon | None, FeatureBlock | None]:
        """Return the words of songs, and a space in which lyrics of like words and like meaning are near.

        The space joins two of unit length, each with the same weight: the one learned from the words that these songs
        use (S20 of the thesis: TF-IDF, reduced), and the one that knows what words mean. It is learned by ``featurize``,
        and here only where a lyric is in none that was kept.
        """
        _, chosen = self._lyrics()
        if len(chosen) < 2:
            return None, None
        arrays = standing_word_space(self._shelf, set(chosen.values()))
        rows = np.array(sorted(chosen), np.int32)
        at = np.searchsorted(arrays["contents"], [chosen[row] for row in rows.tolist()])
        vocabulary = self._songs.vocabulary
        names = tuple(arrays["names"].tolist())
        weights = csr_array(
            (arrays["data"], arrays["indices"], arrays["indptr"]), shape=(len(arrays["contents"]), len(names))
        )
        lexicon = Lexicon(vocabulary, _at(rows, weights[at], len(vocabulary)), names)
        if not spaces:
            return lexicon, None
        values = np.zeros((len(vocabulary), arrays["places"].shape[1]), np.float32)
        present = np.zeros(len(vocabulary), np.bool_)
        values[rows] = arrays["places"][at]
        present[rows] = values[rows].any(axis=1)
        columns = (*MEANING_NAMES, *(f"words {axis}" for axis in range(values.shape[1] - len(MEANING_NAMES))))
        provenance = self._shelf.word_space().extractor.provenance()
        return lexicon, FeatureBlock(vocabulary, values, columns, provenance, present)


def _audible(block: FeatureBlock, descriptors: FeatureBlock) -> FeatureBlock:
    """Return a block without the songs that are silent: silence is like nothing, and a network that hears it invents tags."""
    known = block.known
    silent = descriptors.values[:, descriptors.columns.index("loudness (LUFS)")] <= _SILENCE_LUFS
    audible = known & ~silent
    return replace(
        block, values=np.where(audible[:, None], block.values, 0).astype(np.float32), present=audible
    )


def _without_damage(make: Callable[[], FeatureBlock]) -> FeatureBlock:
    """Make a block; files that turn out to be damaged are removed by that, and then it is made without them."""
    try:
        return make()
    except StoreError as error:
        logger.info("%s", error)
        return make()


def _made(folder: ArrayFolder, ending: str) -> set[str]:
    return {sha256 for sha256, found in folder.hashes().items() if found == ending}


def _first(pairs: Iterable[tuple[int, str]], made: set[str]) -> dict[int, str]:
    """Return row → content: of several recordings of a song the first one of which arrays were made."""
    chosen: dict[int, str] = {}
    for row, sha256 in pairs:
        if sha256 in made:
            chosen.setdefault(row, sha256)
    return chosen


def _block(
    folder: ArrayFolder,
    array: str,
    columns: tuple[str, ...],
    chosen: Mapping[int, str],
    vocabulary: Vocabulary,
) -> FeatureBlock:
    values = np.zeros((len(vocabulary), len(columns)), np.float32)
    present = np.zeros(len(vocabulary), np.bool_)
    if chosen:
        contents = sorted(set(chosen.values()))
        table = folder.table(array, contents)
        place = {sha256: at for at, sha256 in enumerate(contents)}
        rows = np.array(sorted(chosen), np.int32)
        values[rows] = table[[place[chosen[row]] for row in rows.tolist()]]
        present[rows] = True
    return FeatureBlock(vocabulary, values, columns, folder.extractor.provenance(), present)


def _at(rows: Rows, matrix: Csr, length: int) -> Csr:
    """Return a matrix whose rows stand at the given ones of ``length``, rising; the others are empty."""
    counts = np.zeros(length, np.int64)
    counts[rows] = np.diff(matrix.indptr)
    starts = np.concatenate([[0], np.cumsum(counts)])
    placed = csr_array(
        (matrix.data.astype(np.float32), matrix.indices, starts), shape=(length, matrix.shape[1])
    )
    placed.sum_duplicates()
    return placed
