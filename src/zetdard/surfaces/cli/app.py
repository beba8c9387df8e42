"""The commands and their arguments. What a command needs is imported when it runs."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from zetdard import __version__
from zetdard.recommend.query import Kind
from zetdard.registry import FILE_SOURCES, MODELS, PEOPLE_MODELS, SONG_MODELS, TASTE_MODELS, model_settings
from zetdard.surfaces.cli.choices import FeedbackKind, FileFormat, GraphFormat
from zetdard.surfaces.cli.experiments import experiments
from zetdard.surfaces.cli.music import music
from zetdard.surfaces.cli.options import DatabaseOption, HomeOption, JsonOption, command, listed, opened
from zetdard.surfaces.cli.services import services

app = typer.Typer(
    name="zetdard",
    help="A personalised music recommender: songs, artists and people you would like next, and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.add_typer(experiments)
app.add_typer(services)
app.add_typer(music)


_FORMATS, _MODELS, _PEOPLE = listed(FILE_SOURCES), listed(MODELS), listed(PEOPLE_MODELS)
_SONG_MODELS = listed({**SONG_MODELS, **TASTE_MODELS})


def main() -> None:
    """Run the command line."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A title that the terminal's encoding cannot show is no reason to stop.
        sys.stdout.reconfigure(errors="replace")
    app()


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        print(f"zetdard {__version__}")
        raise typer.Exit(0)


@app.command()
@command
def demo(
    home: HomeOption = None,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Only print; do not serve a page (there is none yet).")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the invented world.")] = 7,
) -> None:
    """Show everything on an invented world, offline, in about a minute."""
    from zetdard.surfaces.cli.demo import run_demo

    run_demo(home, seed=seed)


@app.command(
    "import",
    help=f"Read files and store what they say, all or nothing.\n\n{_FORMATS}",
    epilog="The files, their columns and encodings are described in docs/formats.md.",
)
@command
def import_(
    format: Annotated[FileFormat, typer.Argument(help="What to read.")],
    path: Annotated[Path, typer.Argument(help="The file, or the folder, as the format asks.")],
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Text encoding, if it is not the format's own.")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", help="Whose history it is, if the files do not say.")
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Leave out rows that cannot be used, and list them.")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", help="Where to list them. [default: FORMAT-rejects.csv here]"),
    ] = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Read files and store what they say."""
    from zetdard.surfaces.cli.importing import show_import, show_refused_files

    listed = rejects or Path(f"{format.value}-rejects.csv") if keep_going or rejects else None
    with opened(home, database) as zetdard:
        report = zetdard.import_files(format.value, path, encoding=encoding, user=user, rejects=listed)
        files = zetdard.refused_files(path) if format is FileFormat.MUSIC else []
    show_import(report, path, listed, json=json)
    if not json:
        show_refused_files(files)


@app.command(
    help=f"Recommend songs, artists or friends.\n\nModels:\n\n{_MODELS}\n\nFor songs, from their features:\n\n{_SONG_MODELS}\n\nFor friends:\n\n{_PEOPLE}"
)
@command
def recommend(
    kind: Annotated[Kind, typer.Argument(help="What to recommend.")],
    user: Annotated[str | None, typer.Argument(help="Id of the listener; none with --like.")] = None,
    like: Annotated[
        list[str] | None,
        typer.Option("--like", help="A song that the listener likes: an id, or words of title and artist."),
    ] = None,
    n: Annotated[int, typer.Option("-n", "--number", min=1, help="Length of the list.")] = 20,
    model: Annotated[str | None, typer.Option("--model", help="What scores.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the model; may be repeated."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="svm and its like: only songs that are predicted to be liked.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why.")] = False,
    artist_cap: Annotated[
        int, typer.Option("--artist-cap", min=0, help="Songs: at most so many of one artist; 0 = any number.")
    ] = 2,
    all_versions: Annotated[
        bool, typer.Option("--all-versions", help="Songs: also live, remix and other versions of one song.")
    ] = False,
    include_held: Annotated[
        bool, typer.Option("--include-held", help="Artists: also those that the listener already holds.")
    ] = False,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Recommend songs, artists or friends."""
    if user is None and not like:
        raise typer.BadParameter("name a USER, or songs with --like")
    if include_held and kind is not Kind.ARTISTS:
        raise typer.BadParameter("--include-held is for artists")
    from zetdard.surfaces.choosing import default_model, settings_of
    from zetdard.surfaces.cli.text import print_json, print_recommendation

    scores = model or default_model(kind)
    if strict and "strict" not in model_settings(scores):
        raise typer.BadParameter(
            f"--strict is for models that predict what is liked, as svm does, not for {scores}"
        )
    settings = settings_of([*(setting or ()), *(["strict=true"] if strict else ())])
    with opened(home, database) as zetdard:
        answer = zetdard.recommend(
            kind.value,
            user,
            like=like or (),
            n=n,
            model=model,
            settings=settings,
            artist_cap=artist_cap or None,
            one_version=not all_versions,
            include_held=include_held,
            reasons=explain or json,
        )
    if json:
        print_json(answer.to_json())
    else:
        print_recommendation(answer, explain=explain)


@app.command()
@command
def feedback(
    user: Annotated[str, typer.Argument(help="Id of the listener.")],
    verdict: Annotated[FeedbackKind, typer.Argument(help="What the listener says.")],
    item: Annotated[str, typer.Argument(help="A song: id, or words of title and artist.")],
    artist: Annotated[bool, typer.Option("--artist", help="ITEM is the id of an artist.")] = False,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Store what a listener says about a song or an artist; the next list respects it.

    like joins the history; dislike and ban hide for good; skip hides for 30 days; undo takes the newest back.
    """
    from zetdard.surfaces.cli.text import print_json, printable

    with opened(home, database) as zetdard:
        kind: Literal["song", "artist"] = "artist" if artist else "song"
        if verdict is FeedbackKind.UNDO:
            opinion, name = zetdard.undo(user, item, kind=kind)
            said = opinion.verdict.value
        else:
            name = zetdard.say(user, verdict.value, item, kind=kind)
            said = verdict.value
    undone = verdict is FeedbackKind.UNDO
    if json:
        print_json({"user": user, "verdict": said, "undone": undone, "kind": kind, "item": name})
    else:
        print(f"{'took back' if undone else 'stored'}: {said} {printable(name)}")


@app.command(
    help=f"Fit models ahead of the first question, and keep them.\n\nModels:\n\n{_MODELS}\n\nFrom features of songs:\n\n{_SONG_MODELS}"
)
@command
def train(
    models: Annotated[list[str] | None, typer.Argument(help="Names of models; none = the default.")] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", help="30s, 5m, 1h: the most that the training of a network may take."),
    ] = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Fit models ahead of the first question."""
    from zetdard.surfaces.cli.text import print_json
    from zetdard.surfaces.cli.times import seconds_of

    most = None if budget is None else seconds_of(budget)
    with opened(home, database) as zetdard:
        names = zetdard.train(models or (), budget_s=most)
    if json:
        print_json({"trained": names})
    else:
        print(f"ready: {', '.join(names)}")


@app.command()
@command
def status(home: HomeOption = None, database: DatabaseOption = None, json: JsonOption = False) -> None:
    """Show what is stored."""
    from zetdard.surfaces.cli.importing import show_status

    with opened(home, database) as zetdard:
        place, counts, imports = zetdard.settings.home, zetdard.counts(), zetdard.imports()
        crawls, matches = zetdard.crawl_states(), zetdard.match_counts()
        refused = len(zetdard.refused_files())
    show_status(place, counts, imports, crawls, matches, refused, json=json)


@app.command()
@command
def search(
    words: Annotated[list[str], typer.Argument(help="Words of title and artist.")],
    n: Annotated[int, typer.Option("-n", "--number", min=1, help="Length of the list.")] = 10,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Find songs by words of title and artist."""
    from zetdard.surfaces.cli.text import print_json, printable

    with opened(home, database) as zetdard:
        found = zetdard.search(" ".join(words), limit=n)
    if json:
        print_json({"songs": [{"id": id_, "description": text} for id_, text in found]})
    else:
        print("\n".join(printable(text) for _, text in found) or "nothing is near enough")


export = typer.Typer(help="Write what is stored as files for other programs.", no_args_is_help=True)
app.add_typer(export, name="export")


@export.command("graph")
@command
def export_graph(
    out: Annotated[
        Path, typer.Option("--out", help="The file; CSV writes NAME-nodes.csv and NAME-edges.csv.")
    ],
    format: Annotated[
        GraphFormat | None, typer.Option("--format", help="How. [default: by the file's ending]")
    ] = None,
    neighbours: Annotated[
        int, typer.Option("--neighbours", min=0, help="Song → song edges of each song.")
    ] = 10,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Write the network of users, songs and artists, for Gephi, NetworkX and others."""
    from zetdard.surfaces.cli.exporting import graph_format, write_graph

    chosen = graph_format(out, None if format is None else format.value)
    with opened(home, database) as zetdard:
        graph = zetdard.graph(neighbours=neighbours)
    write_graph(graph, chosen, out, json=json)
