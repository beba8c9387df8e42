"""A sound as MSD musicnn hears it: 200 numbers, and fifty tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from zetdard.data.types import Floats
from zetdard.errors import ArtifactError, InputError, MissingExtraError
from zetdard.features.audio.musicnn.graph import HIDDEN, INPUT, NEGLIGIBLE, PROBABILITIES, build_graph
from zetdard.features.audio.musicnn.network import Network
from zetdard.features.audio.musicnn.spectrogram import patches
from zetdard.features.audio.musicnn.tags import TAGS
from zetdard.features.audio.musicnn.weights import N_FRAMES, N_HIDDEN, Weights, load
from zetdard.features.audio.sampling import Span, cut

EMBEDDING_NAMES = tuple(f"musicnn {unit}" for unit in range(N_HIDDEN))
"""Column names of an embedding; its units have no meaning by themselves."""
TAG_NAMES = tuple(f"tag: {tag} (probability)" for tag in TAGS)
"""Column names of a tag profile."""
EMBEDDING_VERSION = "musicnn-msd 1"
"""Changes when the same sound gives other numbers."""


@dataclass(frozen=True, slots=True)
class EmbeddingConfig:
    """How a sound is cut into patches.

    Attributes:
        hop_frames: From the beginning of one patch of 187 frames to the next, in frames of 16 ms; 187 = side by side.
        batch: Patches that go through the network at once; more take more memory and are no faster.

    Raises:
        InputError: A number is out of its range.
    """

    hop_frames: int = N_FRAMES
    batch: int = 4

    def __post_init__(self) -> None:
        if self.hop_frames < 1:
            raise InputError("patches must be at least one frame apart")
        if not 1 <= self.batch <= 1024:
            raise InputError("a batch must have 1 to 1024 patches")


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """What the network says about a sound.

    Attributes:
        mean: Mean of the penultimate layer over the patches, shape (200,).
        patches: The penultimate layer of each patch, shape (patches, 200).
        tags: Mean probability of each tag over the patches, shape (50,), in the order of ``TAGS``.
    """

    mean: Floats
    patches: Floats
    tags: Floats

    def top_tags(self, count: int = 3) -> tuple[tuple[str, float], ...]:
        """Return the most probable tags with their probabilities, the first of equals first."""
        order = np.argsort(-self.tags, kind="stable")[:count]
        return tuple((TAGS[tag], float(self.tags[tag])) for tag in order)


class OnnxNetwork:
    """The network on one thread of onnxruntime; the graph is built here, from the weights.

    Building and loading it takes a few milliseconds, so it is kept in memory and in no file, which could be of other
    weights. One instance may be used by several threads.

    Args:
        weights: The learned numbers.
        negligible: A filter whose answer cannot move by more is left out; a negative number keeps all.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        ArtifactError: onnxruntime does not take the graph.
    """

    def __init__(self, weights: Weights, negligible: float = NEGLIGIBLE) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise MissingExtraError("audio", "the embedding of sound") from None
        options = onnxruntime.SessionOptions()
        # Work is parallel over songs, one process a core; more threads for one song only make them wait.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        graph = build_graph(weights, negligible)
        try:
            self._session: Any = onnxruntime.InferenceSession(
                graph, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            # onnxruntime's errors have no common base of their own.
            raise ArtifactError(f"onnxruntime does not take the graph of musicnn: {error}") from None

    def __call__(self, patches: Floats) -> tuple[Floats, Floats]:
        """Run the network; see :class:`~zetdard.features.audio.musicnn.network.Network`."""
        hidden, tags = self._session.run([HIDDEN, PROBABILITIES], {INPUT: patches})
        return hidden, tags


def open_network(folder: Path) -> OnnxNetwork:
    """Return the network with the published weights.

    Args:
        folder: The folder of weights, ``HOME/weights``.

    Raises:
        ArtifactError: The weights are missing or damaged; the message says what to do.
        MissingExtraError: onnxruntime is not installed.
    """
    return OnnxNetwork(load(folder))


def embed(
    sound: Floats | Iterable[Floats],
    network: Network,
    config: EmbeddingConfig | None = None,
    spans: Sequence[Span] | None = None,
) -> Embedding:
    """Return what the network says about a sound.

    Args:
        sound: Samples at 16 kHz of one channel, shape (samples,), or consecutive blocks of them.
        network: What to ask.
        config: How the sound is cut.
        spans: Which excerpts to hear, as ``Sampling.spans`` gives them; no patch reaches from one into the next.
            ``None`` = all of it.

    Raises:
        InputError: The sound holds no sample, or one that is not finite.
    """
    config = config or EmbeddingConfig()
    blocks: Iterable[Floats] = (sound,) if isinstance(sound, np.ndarray) else sound
    answers = [network(batch) for batch in _batches(blocks, config, spans)]
    if not answers:
        raise InputError("there is no sound to hear")
    units = np.concatenate([hidden for hidden, _ in answers])
    tags = np.concatenate([probabilities for _, probabilities in answers])
    return Embedding(_mean(units), units, _mean(tags))


def _batches(
    blocks: Iterable[Floats], config: EmbeddingConfig, spans: Sequence[Span] | None
) -> Iterator[Floats]:
    if spans is None:
        yield from patches(blocks, hop_frames=config.hop_frames, batch=config.batch)
        return
    for _, pieces in groupby(cut(blocks, spans), key=itemgetter(0)):
        excerpt = (piece for _, piece in pieces)
        yield from patches(excerpt, hop_frames=config.hop_frames, batch=config.batch)


def _mean(rows: Floats) -> Floats:
    # In float64, so that the length of a track does not cost digits.
    mean: Floats = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean
