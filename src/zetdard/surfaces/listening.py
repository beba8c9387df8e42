"""What a home knows of its songs by listening and reading: features, and questions about likeness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from zetdard.errors import MissingExtraError
from zetdard.surfaces.home import Home

if TYPE_CHECKING:
    from zetdard.jobs.featurize.report import FeatureReport

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
