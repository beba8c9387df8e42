"""What a home knows of its songs by listening and reading: features, and questions about likeness."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from zetdard import registry
from zetdard.errors import MissingExtraError
from zetdard.recommend.course import Spaces
from zetdard.recommend.query import Kind
from zetdard.surfaces.choosing import check_model, chosen, make_model
from zetdard.surfaces.home import Home

if TYPE_CHECKING:
    from zetdard.jobs.featurize.report import FeatureReport
    from zetdard.recommend.likeness import Similar
    from zetdard.recommend.path import SoundPath

FeatureKind = Literal["graph", "audio", "lyrics"]
FEATURE_KINDS: tuple[FeatureKind, ...] = ("graph", "audio", "lyrics")


class Listening(Home):
    """The part of the Python API that is about sound and words."""

    def featurize(
        self,
        kinds: Sequence[FeatureKind] = (),
        *,
        clips: bool = False,
        processes: int | None = None,
        retry: bool = False,
    ) -> list[FeatureReport]:
        """Make the features of everything stored that has none yet; call it again to go on.

        Args:
            kinds: ``graph``, ``audio``, ``lyrics``; none = all whose libraries are installed.
            clips: Also keep excerpts of recordings for networks that hear the waveform.
            processes: How many recordings or lyrics at once; ``None`` = one for each processor.
            retry: Also try again recordings that were refused.

        Raises:
            MissingExtraError: A kind was named whose libraries are not installed.
        """
        reports = []
        for kind in kinds or FEATURE_KINDS:
            try:
                reports.append(self._featurize(kind, clips=clips, processes=processes, retry=retry))
            except MissingExtraError as error:
                if kinds:
                    raise
                reports.append(_without(kind, error))
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
        if shelf.hearing.weights is None:
            report.notes.append(
                "tags and the embedding of sound need weights that are not here: zetdard weights fetches them"
            )
        return report


def _without(kind: str, error: MissingExtraError) -> FeatureReport:
    from zetdard.jobs.featurize.report import FeatureReport

    return FeatureReport(kind, notes=[str(error)])
