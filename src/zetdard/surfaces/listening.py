"""What a home knows of its songs by listening and reading: features, and questions about likeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from zetdard import registry
from zetdard.errors import MissingExtraError, NoDataError
from zetdard.recommend.course import Spaces
from zetdard.recommend.query import Kind
from zetdard.surfaces.choosing import check_model, chosen, make_model
from zetdard.surfaces.home import Home

if TYPE_CHECKING:
    from zetdard.data.features import FeatureBlock
    from zetdard.evaluation.taste.result import TasteMeasured
    from zetdard.jobs.augmenting import GeneratedSongs
    from zetdard.jobs.featurize.report import FeatureReport
    from zetdard.jobs.featurize.traits import SongFeatures
    from zetdard.recommend.likeness import Similar
    from zetdard.recommend.path import SoundPath

FeatureKind = Literal["graph", "audio", "lyrics"]
FEATURE_KINDS: tuple[FeatureKind, ...] = ("graph", "audio", "lyrics")
MOODS = "moods"
"""Heard from sound too, where a person has given some."""


class Listening(Home):
    """The part of the Python API that is about sound and words."""

    def featurize(
        self,
        kinds: Sequence[FeatureKind] = (),
        *,
        clips: bool = False,
        processes: int | None = None,
        retry: bool = False,
        moods: Path | str | None = None,
    ) -> list[FeatureReport]:
        """Make the features of everything stored that has none yet; call it again to go on.

        Where moods of songs are given, those of all others are heard too, whenever recordings are.

        Args:
            kinds: ``graph``, ``audio``, ``lyrics``; none = all whose libraries are installed.
            clips: Also keep excerpts of recordings for networks that hear the waveform.
            processes: How many recordings or lyrics at once; ``None`` = one for each processor.
            retry: Also try again recordings that were refused.
            moods: A table of the moods of some songs, see ``docs/moods.md``; it replaces the one that is kept.

        Raises:
            MissingExtraError: A kind was named whose libraries are not installed.
            FormatError: The table breaks its format; nothing is kept.
            NoDataError: Moods were given, and of too few of the songs the sound is known.
        """
        reports = []
        if moods is not None:
            self._give_moods(Path(moods))
        for kind in kinds or FEATURE_KINDS:
            try:
                reports.append(self._featurize(kind, clips=clips, processes=processes, retry=retry))
            except (MissingExtraError, NoDataError) as error:
                if kinds:
                    raise
                reports.append(_without(kind, error))
        if moods is not None or (self._shelf().given_moods.is_file() and "audio" in (kinds or FEATURE_KINDS)):
            try:
                reports.append(self._hear_moods())
            except (MissingExtraError, NoDataError) as error:
                if moods is not None:
                    raise
                reports.append(_without(MOODS, error))
        self._desk = None
        return reports

    def similar(
        self,
        kind: Literal["songs", "artists"],
        item: str,
        *,
        by: Literal["sound", "words", "people", "all"] = "all",
        n: int = 20,
        all_versions: bool = False,
        model: str | None = None,
    ) -> Similar:
        """Find songs or artists that are like one.

        Args:
            kind: What is compared.
            item: A song: id, or words of title and artist. An artist: id or whole name.
            by: In which way: by sound, by the words of lyrics, by who holds them, or by all that is known.
            n: Length of the list.
            all_versions: Songs: also live, remix and other versions.
            model: Name of the model that speaks for people; ``None`` = the default.

        Raises:
            UnknownEntityError: It is not stored, or there is no such model.
            NoDataError: What is needed to compare it is not known; the message says what to do.
        """
        from zetdard.recommend.likeness import By, SimilarKind, SimilarQuery
        from zetdard.recommend.similar import SimilarFinder

        query = SimilarQuery(
            kind=chosen(SimilarKind, kind), item=item, by=chosen(By, by), n=n, all_versions=all_versions
        )
        desk = self._current_desk()
        finder = SimilarFinder(desk.dataset, desk.traits, search=desk.search)
        spaces = Spaces()
        if query.by in (By.PEOPLE, By.ALL):
            name = model or registry.DEFAULT_MODEL
            check_model(Kind(kind), name)
            spaces = desk.spaces(Kind(kind), partial(make_model, name))
        return finder.similar(query, spaces)

    def path(self, start: str, end: str, *, longest: int | None = None, least_songs: int = 0) -> SoundPath:
        """Find a path from one song to another through sound, in small steps.

        Args:
            start: Id, or words of title and artist.
            end: The same.
            longest: The most songs, both ends included; ``None`` = any number.
            least_songs: So many songs if steps that small can be found.

        Raises:
            UnknownEntityError: A song is not stored.
            NoDataError: The sound of one is not known.
        """
        from zetdard.recommend.path import path_through_sound

        desk = self._current_desk()
        return path_through_sound(
            start,
            end,
            desk.traits,
            desk.dataset,
            longest=longest,
            least_songs=least_songs,
            search=desk.search,
        )

    def features(self) -> SongFeatures:
        """Return the features of the songs that are stored, as blocks whose rows are the songs of ``dataset()``."""
        return self._features(self.dataset())

    def picture_song(self, song: str, out: Path | str) -> tuple[str, ...]:
        """Draw a song's recording: waveform, spectrogram, chroma, tags.

        Args:
            song: Id, or words of title and artist.
            out: A file that ends in .png or .svg.

        Returns:
            What the reader should be told, for example letters that no font has.

        Raises:
            UnknownEntityError: It is not stored.
            NoDataError: There is no recording of it, or it cannot be read.
            InputError: The file cannot be written.
            MissingExtraError: The library that draws is not installed.
        """
        from zetdard.surfaces.pictures.canvas import checked
        from zetdard.surfaces.picturing import draw_song, portrait_apart

        checked(out)
        desk = self._current_desk()
        row = desk.search.song(song)
        path = self.features().recording(row)
        if path is None:
            raise NoDataError(f"there is no recording of {desk.search.describe(row)} here")
        self._progress("listening", 0, 1)
        portrait = portrait_apart(path)
        self._progress("listening", 1, 1)
        return draw_song(desk.dataset, row, desk.traits, portrait).save(out)

    def picture_user(self, user: str, out: Path | str) -> tuple[str, ...]:
        """Draw a listener's taste: tags, tempo, mood, artists; see ``picture_song``."""
        from zetdard.surfaces.pictures.canvas import checked
        from zetdard.surfaces.picturing import draw_listener

        checked(out)
        desk = self._current_desk()
        known = (self.settings.home / "features").is_dir()
        lyrics = self.features().lyric_numbers() if known else None
        return draw_listener(desk.dataset, desk.dataset.users.find(user), desk.traits, lyrics).save(out)

    def picture_graph(self, user: str, out: Path | str) -> tuple[str, ...]:
        """Draw the network around a listener; see ``picture_song``."""
        from zetdard.features.graph import node_name, typed_graph
        from zetdard.surfaces.pictures.canvas import checked
        from zetdard.surfaces.pictures.network import network_picture

        checked(out)
        dataset = self.dataset()
        label = dataset.users.vocabulary.label(dataset.users.find(user))
        self._progress("drawing the network", 0, 1)
        picture = network_picture(
            typed_graph(dataset, neighbours=0), node_name("user", label), seed=self.settings.seed
        )
        self._progress("drawing the network", 1, 1)
        return picture.save(out)

    def picture_map(
        self, out: Path | str, *, by: Literal["sound", "words", "people"] = "sound", user: str | None = None
    ) -> tuple[str, ...]:
        """Draw all songs in two dimensions; see ``picture_song``.

        Args:
            out: A file that ends in .png or .svg.
            by: What lies near each other: what sounds alike, says alike, or is held by the same people.
            user: Whose songs are marked.
        """
        from zetdard.jobs.featurize.network import network_block
        from zetdard.surfaces.pictures.canvas import checked
        from zetdard.surfaces.picturing import draw_map

        checked(out)
        desk = self._current_desk()
        marked = None if user is None else desk.dataset.users.find(user)
        if by == "people":
            space: FeatureBlock | None = network_block(desk.dataset, self._shelf(), progress=self._progress)
        else:
            space = {"sound": desk.traits.sound, "words": desk.traits.words}[by]
        self._progress("drawing the map", 0, 1)
        picture = draw_map(desk.dataset, space, by, self.settings.seed, marked)
        self._progress("drawing the map", 1, 1)
        return picture.save(out)

    def evaluate_taste(
        self,
        models: Sequence[str] = (),
        *,
        data: Path | str | None = None,
        features: Path | str | None = None,
        clips: Path | str | None = None,
        likes: int | None = None,
        draws: int = 1,
        seed: int | None = None,
        shares: Mapping[str, float] | None = None,
        others: int | None = None,
        modalities: bool = False,
        augment: str | None = None,
        picture: Path | str | None = None,
    ) -> dict[str, TasteMeasured]:
        """Measure what learns listeners' tastes from labelled songs, beside controls; see ``docs/taste.md``.

        Args:
            models: Names of ``zetdard.registry.TASTE_LEARNERS``, or ``NAME:sound+words``: shown these modalities only;
                none = all that find there what they learn from.
            data: A folder of labelled listeners (``tracks.csv`` and ``listeners.csv``, Spotify playlists, or an exported
                world with judges); ``"world"`` = an invented world, made, heard and read now; ``None`` = what is stored
                here: what a listener holds is liked, and others are sampled.
            features: Features of the songs of a folder, as ``benchmarks/taste.py --save`` writes them.
            clips: Excerpts of their sound, as ``benchmarks/taste.py --save-clips`` writes them, for networks that hear.
            likes: At most so many liked songs of a listener are learned from.
            draws: With ``likes``: how often they are drawn.
            seed: Of the invented world, of folds and of draws; ``None`` = the setting.
            shares: Of the invented world: modality (``sound``, ``words``, ``network``) → weight in the judges' taste; 1
                for those left out.
            others: Of a folder with tracks: the seed of other invented listeners over the same tracks, with other folds.
            modalities: Also measure each model without each modality and on each alone.
            augment: Learn from more songs than there are: one of ``none``, ``mixup``, ``specaugment``, ``dcgan``; ``None`` = what each
                model does by itself.
            picture: A file that ends in .png or .svg: ROC curves are drawn into it.

        Raises:
            UnknownEntityError: There is no such learner.
            NoDataError: Nothing is known to tell taste from.
            FormatError: A file breaks its format.
            InputError: There is no such modality, or shares are stated of other data than the invented world.
        """
        from zetdard.evaluation.taste.protocol import TastePlan
        from zetdard.surfaces.tastepools import measure_taste, measured_by_default, taste_pools

        if picture is not None:
            from zetdard.surfaces.pictures.canvas import checked

            checked(picture)
        seed = self.settings.seed if seed is None else seed
        plan = TastePlan(likes=likes, draws=draws, seed=seed)
        pools = taste_pools(
            self,
            data,
            features,
            clips,
            seed=seed,
            shares=shares or {},
            others=others,
            progress=self._progress,
        )
        results = {
            pool.name: measure_taste(
                pool,
                list(models or measured_by_default(pool)),
                plan,
                modalities=modalities,
                augment=augment,
                generate=self._generated_songs() if augment == "dcgan" else None,
                progress=self._progress,
            )
            for pool in pools
        }
        if picture is not None:
            from zetdard.surfaces.pictures.roc import roc_picture

            roc_picture(results).save(picture)
        return results

    def _give_moods(self, file: Path) -> None:
        """Keep a table of moods, if it says of every line what it is about."""
        from zetdard.features.moods import given_moods, keep_moods, read_moods

        given_moods(read_moods(file), self.dataset().songs).check(file)
        keep_moods(file, self._shelf().given_moods)

    def _hear_moods(self) -> FeatureReport:
        from zetdard.jobs.featurize.moods import featurize_moods
        from zetdard.models.base import Workshop

        features = self.features()
        return featurize_moods(
            self._shelf(),
            self.dataset().songs,
            features.sound(),
            features.sound_contents(),
            registry.mood_learners(Workshop(self.settings.home / "training", self._progress)),
            seed=self.settings.seed,
        )

    def _generated_songs(self) -> GeneratedSongs:
        from zetdard.features.audio.musicnn import open_network
        from zetdard.jobs.augmenting import GeneratedSongs
        from zetdard.models.base import Workshop

        weights = self._shelf().hearing.weights
        network = None if weights is None else open_network(weights)
        return GeneratedSongs(registry.composer, network, workshop=Workshop(progress=self._progress))

    def _featurize(
        self, kind: FeatureKind, *, clips: bool, processes: int | None, retry: bool
    ) -> FeatureReport:
        if kind == "graph":
            from zetdard.jobs.featurize.network import featurize_network

            return featurize_network(self.dataset(), self._shelf(), progress=self._progress)
        if kind == "lyrics":
            from zetdard.jobs.featurize.lyrics import featurize_lyrics

            return featurize_lyrics(self._store, self._shelf(), processes=processes, progress=self._progress)
        from zetdard.features.audio.hearing import CLIPS, DESCRIPTORS, MUSICNN
        from zetdard.jobs.featurize.audio import featurize_audio
        from zetdard.jobs.featurize.workers import Workers

        shelf = self._shelf()
        made = [DESCRIPTORS]
        if shelf.hearing.weights is not None:
            made.append(MUSICNN)
        if clips:
            made.append(CLIPS)
        report = featurize_audio(
            self._store,
            shelf,
            self._blobs,
            made,
            workers=Workers(processes),
            retry=retry,
            progress=self._progress,
        )
        if not report.contents:
            report.notes.append(
                "no recordings are stored: zetdard import music DIR, or zetdard crawl --audio, brings some"
            )
        elif shelf.hearing.weights is None:
            report.notes.append(
                "tags and the embedding of sound need weights that are not here: zetdard weights fetches them"
            )
        return report


def _without(kind: str, error: Exception) -> FeatureReport:
    from zetdard.jobs.featurize.report import FeatureReport

    return FeatureReport(kind, notes=[str(error)])
