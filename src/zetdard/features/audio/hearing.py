"""A recording → everything that is to be known of it, decoded once: what a worker process does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zetdard.data.types import Floats
from zetdard.errors import InputError
from zetdard.features.audio import musicnn
from zetdard.features.audio.clips import CLIPS_VERSION, ClipConfig, cut_clips
from zetdard.features.audio.decoding import Target, fan_out, probe
from zetdard.features.audio.descriptors import DESCRIPTOR_VERSION, Describer
from zetdard.features.audio.sampling import Sampling
from zetdard.features.audio.spectra import RATE

DESCRIPTORS, MUSICNN, CLIPS = "descriptors", "musicnn", "clips"
KINDS = (DESCRIPTORS, MUSICNN, CLIPS)

Heard = dict[str, dict[str, NDArray[Any]]]
"""Kind → name → array. ``descriptors``: ``values`` (141,). ``musicnn``: ``mean`` and ``spread`` (200,), ``tags`` (50,).
``clips``: ``samples`` (count, 2, frames)."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """How recordings are heard.

    Attributes:
        sampling: Which parts descriptors and embedding hear.
        weights: The folder of MusiCNN's weights; ``None`` = no embedding.
        clips: Which excerpts are kept.
    """

    sampling: Sampling = field(default_factory=Sampling)
    weights: Path | None = None
    clips: ClipConfig = field(default_factory=ClipConfig)

    def settings(self, kind: str) -> dict[str, str]:
        """Return what the numbers of a kind depend on, besides its version."""
        if kind == CLIPS:
            return self.clips.settings()
        places = ",".join(f"{place:g}" for place in self.sampling.places)
        return {"sampling": f"{places} x {self.sampling.seconds:g} s" if places else "whole"}


@dataclass(frozen=True, slots=True)
class Recording:
    """What a worker is to hear: a file, and which kinds are wanted of it.

    Attributes:
        sha256: Content hash; it comes back with the outcome.
        path: The file.
        kinds: Of ``KINDS``.
        hearing: How.
    """

    sha256: str
    path: Path
    kinds: tuple[str, ...]
    hearing: Hearing

    def __post_init__(self) -> None:
        unknown = set(self.kinds) - set(KINDS)
        if unknown or not self.kinds:
            raise InputError(f"a recording is heard for {', '.join(KINDS)}, not for {sorted(unknown)}")


def hear(recording: Recording) -> Heard:
    """Return the arrays of a recording.

    Raises:
        AudioError: The file is refused, or is shorter than a second.
        ArtifactError: An embedding is wanted and the weights are missing or damaged.
        MissingExtraError: A library is not installed.
    """
    heard: Heard = {}
    if {DESCRIPTORS, MUSICNN} & set(recording.kinds):
        heard = _listen(recording)
    if CLIPS in recording.kinds:
        heard[CLIPS] = {"samples": cut_clips(recording.path, recording.hearing.clips)}
    return heard


def _listen(recording: Recording) -> Heard:
    """Describe and embed, whichever is wanted, in one decoding of each excerpt."""
    describer = Describer() if DESCRIPTORS in recording.kinds else None
    network = _network(recording.hearing.weights) if MUSICNN in recording.kinds else None
    embeddings: list[musicnn.Embedding] = []
    for start, seconds in _excerpts(recording):
        if describer is not None:
            describer.cut()
        blocks = _blocks(recording.path, describer, network is not None, start, seconds)
        if network is None:
            for _ in blocks:
                pass
        else:
            embeddings.append(musicnn.embed(blocks, network))
    heard: Heard = {}
    if describer is not None:
        heard[DESCRIPTORS] = {"values": describer.finish().vector}
    if embeddings:
        heard[MUSICNN] = _together(embeddings)
    return heard


def _blocks(
    path: Path, describer: Describer | None, embedded: bool, start: float, seconds: float | None
) -> Iterator[Floats]:
    """Yield what the network hears while the describer is told what it hears: one decoding for both."""
    targets = [Target(musicnn.RATE, 1)] if embedded else []
    if describer is not None:
        targets.append(Target(RATE, 2))
    for blocks in fan_out(path, targets, start=start, seconds=seconds):
        if describer is not None:
            describer.push(blocks[-1])
        if embedded:
            yield blocks[0]


def _together(embeddings: Sequence[musicnn.Embedding]) -> dict[str, NDArray[Any]]:
    """Join the patches of all excerpts: each counts the same."""
    patches = np.concatenate([embedding.patches for embedding in embeddings])
    tags = np.array([embedding.tags for embedding in embeddings], np.float64)
    shares = np.array([len(embedding.patches) for embedding in embeddings]) / len(patches)
    return {
        "mean": patches.mean(axis=0, dtype=np.float64).astype(np.float32),
        "spread": patches.std(axis=0, dtype=np.float64).astype(np.float32),
        "tags": (shares @ tags).astype(np.float32),
    }


def _excerpts(recording: Recording) -> Iterator[tuple[float, float | None]]:
    """Yield (start, length) in seconds; a file that does not state its length is heard whole."""
    sampling = recording.hearing.sampling
    seconds = None if sampling.whole else probe(recording.path).seconds
    if seconds is None:
        yield 0.0, None
        return
    for begin, end in sampling.spans(round(seconds * RATE), RATE):
        yield begin / RATE, (end - begin) / RATE


@lru_cache(maxsize=1)
def _network(weights: Path | None) -> musicnn.OnnxNetwork:
    """Return the network, built once in each worker."""
    if weights is None:
        raise InputError("an embedding needs the weights of the network")
    return musicnn.open_network(weights)


def version_of(kind: str) -> str:
    """Return the version of a kind's numbers."""
    return {DESCRIPTORS: DESCRIPTOR_VERSION, MUSICNN: musicnn.EMBEDDING_VERSION, CLIPS: CLIPS_VERSION}[kind]
