"""The commands about the music itself: its sound, its words, and what is alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zetdard.surfaces.cli.choices import FeatureWord
from zetdard.surfaces.cli.options import DatabaseOption, HomeOption, JsonOption, command, opened

music = typer.Typer(rich_markup_mode=None)


@music.command()
@command
def featurize(
    kinds: Annotated[
        list[FeatureWord] | None, typer.Argument(help="What to work on; none = all that can be.")
    ] = None,
    clips: Annotated[
        bool, typer.Option("--clips", help="Also keep excerpts for networks that hear the waveform.")
    ] = False,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, help="How many at once. [default: one a processor]")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try again what was refused before.")] = False,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Listen to the music, read the lyrics, describe the network: whatever has no features yet.

    Give the same command again to go on: what is done is kept.
    """
    from zetdard.surfaces.cli.featurizing import show_features

    with opened(home, database) as zetdard:
        reports = zetdard.featurize(
            [kind.value for kind in kinds or ()], clips=clips, processes=processes, retry=retry
        )
    show_features(reports, json=json)


@music.command()
@command
def weights(
    check: Annotated[
        bool, typer.Option("--check", help="Fetch nothing; fail if they are not there as published.")
    ] = False,
    wheel: Annotated[
        Path | None, typer.Option("--wheel", metavar="FILE", help="Take them from this file of the package.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Fetch them even if they are there.")] = False,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Fetch and check the pretrained weights that listen to music (MusiCNN)."""
    del database  # every command takes one; the weights are kept in the home
    from zetdard.surfaces.cli.weights import run_weights

    run_weights(home, check=check, wheel=wheel, again=again, json=json)
