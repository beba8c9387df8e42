"""The network of listeners → each song's place in it: one table for one state of what is held."""

from __future__ import annotations

import hashlib
import time

import numpy as np
from numpy.typing import NDArray

from zetdard.data.dataset import Dataset
from zetdard.data.features import FeatureBlock
from zetdard.errors import NoDataError
from zetdard.features.network import NETWORK, describe_network
from zetdard.jobs.featurize.report import FeatureReport
from zetdard.jobs.featurize.shelf import FeatureShelf
from zetdard.jobs.recommending import fingerprint_of
from zetdard.progress import Progress, silent


def featurize_network(dataset: Dataset, shelf: FeatureShelf, *, progress: Progress = silent) -> FeatureReport:
    """Place every song in the network, unless what is held is as it was.

    Raises:
        NoDataError: Nobody holds a song.
    """
    begun = time.monotonic()
    folder, name = shelf.network(), _name(dataset)
    known = folder.hashes()
    report = FeatureReport("graph", len(dataset.songs), {NETWORK: 0}, {NETWORK: 0})
    (report.known if name in known else report.made)[NETWORK] = len(dataset.songs)
    network_block(dataset, shelf, progress=progress)
    report.seconds = time.monotonic() - begun
    return report


def network_block(dataset: Dataset, shelf: FeatureShelf, *, progress: Progress = silent) -> FeatureBlock:
    """Return each song's place in the network, made now if it is not kept.

    Raises:
        NoDataError: Nobody holds a song.
    """
    if not len(dataset.holdings):
        raise NoDataError("nobody holds a song: there is no network to describe")
    folder, name = shelf.network(), _name(dataset)
    if name not in folder.hashes():
        progress("describing the network", 0, 1)
        block = describe_network(dataset.holdings)
        for former in folder.hashes():
            folder.forget(former)
        present = block.values[:, -1] > 0 if block.present is None else block.present
        folder.write(name, {"values": block.values, "columns": _text(block.columns), "present": present})
        progress("describing the network", 1, 1)
    kept = folder.read(name)
    columns = tuple(kept["columns"].tolist())
    return FeatureBlock(
        dataset.songs.vocabulary, kept["values"], columns, folder.extractor.provenance(), kept["present"]
    )


def _name(dataset: Dataset) -> str:
    """Return a content hash of what is held."""
    return hashlib.sha256(fingerprint_of(dataset.holdings).encode()).hexdigest()


def _text(words: tuple[str, ...]) -> NDArray[np.str_]:
    return np.array(words, dtype=np.str_)
