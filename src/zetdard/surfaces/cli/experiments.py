"""The commands that measure: on what is stored, on files, on ready-made splits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zetdard.registry import MODELS
from zetdard.surfaces.cli.choices import MeasuredWord, SplitKind
from zetdard.surfaces.cli.options import DatabaseOption, HomeOption, JsonOption, command, listed, opened

experiments = typer.Typer(rich_markup_mode=None)


@experiments.command()
@command
def evaluate(
    kind: Annotated[
        MeasuredWord, typer.Argument(help="What is recommended; taste: what tells liked songs from others.")
    ],
    models: Annotated[list[str] | None, typer.Argument(help="Names of models; none = all.")] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="Measure on these files (playlists or hetrec; taste: listeners, or world) instead of what is stored.",
        ),
    ] = None,
    k: Annotated[str, typer.Option("--k", help="Cut-offs.")] = "10,20",
    split: Annotated[SplitKind, typer.Option("--split", help="How to divide each history.")] = SplitKind.AUTO,
    features: Annotated[
        Path | None, typer.Option("--features", help="Taste: features of the tracks of --data.")
    ] = None,
    clips: Annotated[
        Path | None, typer.Option("--clips", help="Taste: excerpts of the tracks of --data, to be heard.")
    ] = None,
    likes: Annotated[
        int | None, typer.Option("--likes", min=1, help="Taste: learn from at most so many liked songs.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Taste: seed of the world, of folds and of draws.")
    ] = None,
    share: Annotated[
        list[str] | None,
        typer.Option(
            "--share", metavar="MODALITY=X", help="Taste, world: weight of sound, words or network."
        ),
    ] = None,
    others: Annotated[
        int | None,
        typer.Option(
            "--others",
            min=0,
            metavar="SEED",
            help="Taste: other invented listeners and folds over the tracks of --data.",
        ),
    ] = None,
    modalities: Annotated[
        bool,
        typer.Option("--modalities", help="Taste: what each modality contributes, without it and alone."),
    ] = False,
    augment: Annotated[
        str | None,
        typer.Option("--augment", help="Taste: learn from more songs: none, mixup, specaugment or dcgan."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Taste: draw ROC curves into this file, .png or .svg.")
    ] = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Measure models on what is stored, beside controls, with intervals."""
    if kind is MeasuredWord.TASTE:
        from zetdard.surfaces.cli.taste import shares_of, show_taste

        with opened(home, database) as zetdard:
            results = zetdard.evaluate_taste(
                models or (),
                data=data,
                features=features,
                clips=clips,
                likes=likes,
                seed=seed,
                shares=shares_of(share or ()),
                others=others,
                modalities=modalities,
                augment=augment,
                picture=picture,
            )
        show_taste(results, json=json)
        return
    from zetdard.surfaces.cli.measuring import run_evaluate

    of_taste = {
        "--features": features,
        "--clips": clips,
        "--likes": likes,
        "--seed": seed,
        "--share": share,
        "--others": others,
        "--modalities": modalities or None,
        "--augment": augment,
        "--picture": picture,
    }
    idle = [name for name, value in of_taste.items() if value is not None]
    if idle:
        raise typer.BadParameter(f"{idle[0]} is for taste, not for {kind.value}")
    run_evaluate(kind.value, models or [], data, k, split.value, home=home, database=database, json=json)


@experiments.command(
    help=f"Measure models on ready-made split files, beside controls.\n\nModels:\n\n{listed(MODELS)}"
)
@command
def benchmark(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Holds train.txt and test.txt.")],
    models: Annotated[str, typer.Option("--models", help="Names of models, separated by commas.")],
    k: Annotated[str, typer.Option("--k", help="Cut-offs.")] = "10,20,40",
    cold: Annotated[
        bool, typer.Option("--cold", help="Rank only the items that no train row holds.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of everything random.")] = 0,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Measure models on ready-made split files."""
    # Every command takes a home and a database; this one reads and keeps nothing there.
    del home, database
    from zetdard.surfaces.cli.measuring import run_benchmark

    run_benchmark(folder, models, k, cold=cold, seed=seed, json=json)
