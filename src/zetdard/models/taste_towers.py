"""``taste``: artists' styles and listeners' tastes, learned together from who collects whom, from sound and words (thesis S18).

See ``zetdard.models.deep.towers`` for the network and its sources.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.sparse import csr_array

from zetdard.data.interactions import Histories, ones_like
from zetdard.data.layers import Layer
from zetdard.data.taste import TasteSongs
from zetdard.data.types import Csr, Floats
from zetdard.errors import InputError
from zetdard.models.base import Config, Offered, TrainingData, check_histories, checked_state, learned_array
from zetdard.models.taste.scaling import Scale

_JUDGING_SHARE = 0.1
_FEWEST_JUDGES = 20
"""With fewer listeners set apart, chance would stop the training: then all are learned from, for all epochs."""


class TasteTowersConfig(Config):
    """Settings of ``taste``."""

    offered: Offered = "songs"
    """What is scored; what is learned is the same."""
    width: int = Field(default=32, ge=1)
    """Numbers of a style or taste."""
    hidden: int = Field(default=128, ge=1)
    """Width of the layer between features and code."""
    dropout: float = Field(default=0.5, ge=0, lt=1)
    """Share of that layer, and of what is known of single songs and artists, that is left out in training."""
    epochs: int = Field(default=60, ge=1)
    """At most so many."""
    patience: int = Field(default=10, ge=1)
    """Epochs without a better one after which it stops."""
    batch: int = Field(default=128, ge=2)
    """Listeners in a step."""
    learning_rate: float = Field(default=3e-3, gt=0)
    """Of the first epoch."""
    weight_decay: float = Field(default=3e-2, ge=0)
    """Of AdamW."""


class TasteTowers:
    """Songs, artists and people whose direction is that of the listener's taste.

    A score is (1 + cosine) / 2 between the taste made of the listener's songs and a song's code, an artist's style or
    another's taste. It needs nobody who collects both, and no song that two people share: features carry it. 0 where
    nothing is known: of a listener without songs, a song without features that nobody holds, and what is made of those.
    """

    name: ClassVar[str] = "taste"
    summary: ClassVar[str] = "styles and tastes in one space, learned from who collects whom, sound and words"
    personal: ClassVar[bool] = True
    features: ClassVar[tuple[str, ...]] = ("descriptors", "musicnn", "tags", "lyrics", "meaning", "words")
    config_class: ClassVar[type[TasteTowersConfig]] = TasteTowersConfig
    learned: ClassVar[Mapping[str, str]] = {
        "songs": "float32 (items, width): codes, of length 1; zeros where nothing is known",
        "artists": "float32 (artists, width): styles, likewise",
        "people": "float32 (users, width): tastes, likewise",
        "n_columns": "int64 (1,): columns of features that entered",
        "weights": "float32 (n,): all numbers of the network, layer by layer",
        "curve": "float32 (epochs, 2): loss in training and on listeners set apart (NaN without them), an epoch each",
    }

    def __init__(self, config: TasteTowersConfig | None = None) -> None:
        self._config = config or TasteTowersConfig()
        self._state: dict[str, NDArray[Any]] | None = None

    @property
    def config(self) -> TasteTowersConfig:
        """The settings it was made with."""
        return self._config

    def offering(self, offered: Offered) -> TasteTowers:
        """Return the same model, which scores something else: both share what was learned."""
        other = TasteTowers(self._config.model_copy(update={"offered": offered}))
        other._state = self._state
        return other

    def fit(self, data: TrainingData) -> Self:
        """Train the towers.

        Raises:
            MissingExtraError: torch is not installed.
            InputError: The features or the artists are of other items.
        """
        held = data.interactions.binary()
        n_users, n_items = held.shape
        credits: Csr = csr_array((n_items, 0), dtype=np.float32)
        if data.item_artists is not None:
            credits = ones_like(data.item_artists)
        if credits.shape[0] != n_items:
            raise InputError(f"the artists are those of {credits.shape[0]} items, not of {n_items}")
        points, featured = _points(data, self.features)
        width = self._config.width
        if not held.nnz:
            self._state = {
                "songs": np.zeros((n_items, width), np.float32),
                "artists": np.zeros((credits.shape[1], width), np.float32),
                "people": np.zeros((n_users, width), np.float32),
                "n_columns": np.array([points.shape[1]], np.int64),
                "weights": np.zeros(0, np.float32),
                "curve": np.zeros((0, 2), np.float32),
            }
            return self
        self._state = self._trained(data, held, points, featured, credits)
        return self

    def score(self, histories: Histories) -> Floats:
        """Return (1 + cosine) / 2; see ``Model.score``. A listener is not recommended to themselves."""
        songs = self._array("songs")
        offered = self._array(self._config.offered)
        check_histories(histories, len(songs))
        known = offered.any(axis=1)
        scores = np.zeros((len(histories), len(offered)), np.float32)
        indptr, indices = histories.matrix.indptr, histories.matrix.indices
        for row, user in enumerate(histories.users.tolist()):
            # One by one: products of many rows at once may round otherwise.
            taste = taste_of(songs[np.sort(indices[indptr[row] : indptr[row + 1]])])
            if taste.any():
                # The worst that is known has evidence all the same.
                cosines = np.maximum((1 + offered @ taste) / 2, np.finfo(np.float32).tiny)
                scores[row] = np.where(known, cosines, 0)
                if self._config.offered == "people" and user >= 0:
                    scores[row, user] = 0
        return scores

    def layers(self) -> tuple[Layer, ...]:
        """Return the layers of the tower of songs; of no features before it has learned.

        Raises:
            MissingExtraError: torch is not installed.
        """
        from zetdard.models.deep.describing import layers_of
        from zetdard.models.deep.devices import device, torch_module
        from zetdard.models.deep.towers import Performed

        torch = torch_module()
        width = 1 if self._state is None else max(1, int(self._array("n_columns")[0]))
        network = self._network(width, 1, 1)
        alone = Performed.of(csr_array(np.ones((1, 1), np.float32)))
        return layers_of(
            network.to(device()),
            *(each.to(device()) for each in (torch.zeros(1, width), torch.ones(1))),
            alone,
        )

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the learned arrays."""
        return {name: self._array(name) for name in self.learned}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> Self:
        """Take learned arrays."""
        self._state = checked_state(state, self.learned, self.name)
        return self

    def _array(self, name: str) -> NDArray[Any]:
        return learned_array(self._state, self.name, name)

    def _network(self, n_columns: int, n_items: int, n_artists: int) -> Any:
        from zetdard.models.deep.towers import Towers

        config = self._config
        return Towers(n_columns, n_items, n_artists, config.width, config.hidden, config.dropout)

    def _trained(
        self,
        data: TrainingData,
        held: Csr,
        points: Floats,
        featured: NDArray[np.bool_],
        credits: Csr,
    ) -> dict[str, NDArray[Any]]:
        from zetdard.models.deep.devices import device, seeded, torch_module
        from zetdard.models.deep.towers import Collected, Halves, Performed
        from zetdard.models.deep.training import Plan, train
        from zetdard.models.deep.weights import weights_of

        torch, config = torch_module(), self._config
        with seeded(data.seed):
            network = self._network(points.shape[1], held.shape[1], credits.shape[1])
        collected = Collected(held, points, featured, credits)
        lesson = Halves(network, collected, config.batch, _judges(held, data.seed), data.seed)
        plan = Plan(
            epochs=config.epochs,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            patience=config.patience,
            seed=data.seed,
        )
        identity = _identity(config, data.seed, held, points, credits)
        trained = train(lesson, plan, data.workshop, name=self.name, identity=identity)
        with torch.no_grad():
            inputs = [torch.from_numpy(array).to(device()) for array in (points, featured.astype(np.float32))]
            codes, styles = (found.cpu() for found in network(*inputs, Performed.of(credits)))
        n_holders = np.bincount(held.indices, minlength=held.shape[1])
        songs = np.where((featured | (n_holders > 0))[:, None], codes.numpy(), 0).astype(np.float32)
        # Whose songs have no code has no style.
        has_song = (ones_like(credits).T @ songs.any(axis=1).astype(np.float32)) > 0
        artists = np.where(has_song[:, None], styles.numpy(), 0).astype(np.float32)
        parts = np.split(held.indices, held.indptr[1:-1])
        return {
            "songs": songs,
            "artists": artists,
            "people": np.array([taste_of(songs[part]) for part in parts], np.float32),
            "n_columns": np.array([points.shape[1]], np.int64),
            "weights": weights_of(network),
            "curve": trained.curve,
        }


def taste_of(codes: Floats) -> Floats:
    """Return the mean of codes scaled to length 1, shape (width,); zeros where there are none.

    Args:
        codes: Shape (songs, width).
    """
    total = codes.sum(axis=0)
    length = float(np.linalg.norm(total))
    return np.asarray(total / length if length > 0 else np.zeros_like(total), np.float32)


def _points(data: TrainingData, names: tuple[str, ...]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the features that are known, made comparable, and of which items any is: (items, columns), (items,)."""
    n_items = data.interactions.n_items
    blocks = {
        name: block
        for name in names
        if (block := data.item_features.get(name)) is not None and block.columns and block.known.any()
    }
    if not blocks:
        return np.zeros((n_items, 0), np.float32), np.zeros(n_items, np.bool_)
    songs = TasteSongs(blocks)
    if len(songs) != n_items:
        raise InputError(f"the features are those of {len(songs)} items, not of {n_items}")
    known = songs.known(tuple(blocks))
    values = songs.matrix(tuple(blocks))
    points = Scale.learn(values[known], songs.spans(tuple(blocks))).points(values)
    return points, known


def _judges(held: Csr, seed: int) -> NDArray[np.int64]:
    able = np.flatnonzero(np.diff(held.indptr) > 1)
    number = round(_JUDGING_SHARE * len(able))
    if number < _FEWEST_JUDGES:
        return np.empty(0, np.int64)
    return np.sort(np.random.default_rng((seed, 5)).permutation(able)[:number]).astype(np.int64)


def _identity(config: TasteTowersConfig, seed: int, held: Csr, points: Floats, credits: Csr) -> str:
    digest = hashlib.sha256(f"{config.model_dump_json()} {seed} {held.shape} {credits.shape}".encode())
    for array in (held.indptr, held.indices, credits.indptr, credits.indices):
        digest.update(np.ascontiguousarray(array, np.int64).tobytes())
    digest.update(np.ascontiguousarray(points).tobytes())
    return digest.hexdigest()
