"""Pictures of models: how their training went, and of which layers they are."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from zetdard.errors import InputError, NoDataError
from zetdard.models.base import Layered, Model
from zetdard.recommend.query import Kind
from zetdard.surfaces.choosing import check_model, make_model
from zetdard.surfaces.listening import MOODS, Listening


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

    def _ready(self, name: str) -> Model:
        check_model(Kind.SONGS, name)
        space = self._current_desk().spaces(Kind.SONGS, partial(make_model, name)).songs
        if space is None:
            raise NoDataError("nothing is stored that a model could learn from")
        return space.model
