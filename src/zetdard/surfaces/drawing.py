"""Pictures of models: how their training went, of which layers they are, and where they see artists and listeners."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zetdard.errors import InputError, NoDataError
from zetdard.models.base import Layered, Model
from zetdard.recommend.query import Kind
from zetdard.surfaces.choosing import check_model, make_model
from zetdard.surfaces.listening import MOODS, Listening

if TYPE_CHECKING:
    from zetdard.surfaces.picturing import ClusterMap, ClustersOf


class Drawing(Listening):
    """The part of the Python API that looks into models."""

    def picture_training(self, model: str, out: Path | str) -> tuple[str, ...]:
        """Draw how a model's losses fell in training; the model is trained first if it is not ready.

        ``moods`` is what hears moods, which ``featurize`` trains.

        Args:
            model: Its name.
            out: A file that ends in .png or .svg.

        Returns:
            What the reader should be told.

        Raises:
            UnknownEntityError: There is no such model.
            InputError: It is not trained in epochs, or the file cannot be written.
            NoDataError: Nothing is stored to learn from.
        """
        from zetdard.surfaces.pictures.canvas import checked
        from zetdard.surfaces.pictures.training import training_picture

        checked(out)
        if model == MOODS:
            from zetdard.jobs.featurize.moods import moods_curve

            return training_picture([moods_curve(self._shelf())], f"{MOODS}, heard").save(out)
        fitted = self._ready(model)
        if "curve" not in fitted.learned:
            raise InputError(f"{model} is not trained in epochs: there is no curve to draw")
        curve = np.asarray(fitted.state()["curve"])
        # (networks, epochs, 2); one that stopped earlier than others has no numbers in its last epochs.
        networks = curve.reshape(-1, *curve.shape[-2:])
        ended = [one[np.isfinite(one[:, 0])] for one in networks]
        return training_picture([one for one in ended if len(one)], model).save(out)

    def picture_model(self, model: str, out: Path | str) -> tuple[str, ...]:
        """Draw a network from its actual layers; see ``picture_training``."""
        from zetdard.surfaces.pictures.canvas import checked
        from zetdard.surfaces.pictures.layers import layers_picture

        checked(out)
        fitted = self._ready(model)
        if not isinstance(fitted, Layered):
            raise InputError(f"{model} is no network: there are no layers to draw")
        return layers_picture(fitted.layers(), model).save(out)

    def picture_clusters(
        self, of: ClustersOf, out: Path | str, *, user: str | None = None, model: str = "taste"
    ) -> ClusterMap:
        """Draw artists by their style, or listeners by their taste, in clusters; see ``picture_training``.

        Args:
            of: ``artists`` or ``listeners``.
            out: A file that ends in .png or .svg.
            user: Whose artists are marked, or who is marked among listeners.
            model: What places them; it is trained first if it is not ready.

        Returns:
            The clusters, and what the reader should be told.

        Raises:
            UnknownEntityError: There is no such model, or no such user.
            InputError: The model has no places of them, or the file cannot be written.
            NoDataError: Nothing is stored to learn from, or fewer than three can be told apart.
        """
        from zetdard.surfaces.pictures.canvas import checked
        from zetdard.surfaces.picturing import draw_clusters

        checked(out)
        desk = self._current_desk()
        marked = None if user is None else desk.dataset.users.find(user)
        fitted = self._ready(model)
        if not {"artists", "people"} <= fitted.learned.keys():
            raise InputError(f"{model} places no artists and listeners: there are no clusters to draw")
        learned = fitted.state()
        self._progress("drawing the map", 0, 1)
        picture, clusters = draw_clusters(
            desk.dataset,
            learned["artists"],
            learned["people"],
            of,
            desk.traits.tags,
            self.settings.seed,
            marked,
        )
        self._progress("drawing the map", 1, 1)
        return replace(clusters, notes=(*clusters.notes, *picture.save(out)))

    def _ready(self, name: str) -> Model:
        check_model(Kind.SONGS, name)
        space = self._current_desk().spaces(Kind.SONGS, partial(make_model, name)).songs
        if space is None:
            raise NoDataError("nothing is stored that a model could learn from")
        return space.model
