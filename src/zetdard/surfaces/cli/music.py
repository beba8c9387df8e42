"""The commands about the music itself: its sound, its words, and what is alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zetdard.recommend.likeness import By, SimilarKind
from zetdard.surfaces.cli.choices import FeatureWord, MapOfWord, MapWord
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
    culture: Annotated[
        Path | None,
        typer.Option(
            "--culture", metavar="FILE", help="Keep these numbers about places, and do nothing else."
        ),
    ] = None,
    moods: Annotated[
        Path | None,
        typer.Option(
            "--moods", metavar="FILE", help="Keep these moods of songs, and hear those of all others."
        ),
    ] = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Listen to the music, read the lyrics, describe the network: whatever has no features yet.

    Give the same command again to go on: what is done is kept.
    """
    from zetdard.surfaces.cli.featurizing import show_culture, show_features

    if culture is not None and (kinds or clips or moods is not None):
        raise typer.BadParameter("--culture describes places and nothing else: give it alone")
    with opened(home, database) as zetdard:
        if culture is not None:
            show_culture(zetdard.describe_places(culture), len(zetdard.dataset().users), json=json)
            return
        reports = zetdard.featurize(
            [kind.value for kind in kinds or ()],
            clips=clips,
            processes=processes,
            retry=retry,
            moods=moods,
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


@music.command()
@command
def similar(
    kind: Annotated[SimilarKind, typer.Argument(help="What is compared.")],
    item: Annotated[
        str, typer.Argument(help="A song: id, or words of title and artist. An artist: id or whole name.")
    ],
    by: Annotated[By, typer.Option("--by", help="In which way they are alike.")] = By.ALL,
    n: Annotated[int, typer.Option("-n", "--number", min=1, help="Length of the list.")] = 20,
    all_versions: Annotated[
        bool, typer.Option("--all-versions", help="Songs: also live, remix and other versions.")
    ] = False,
    model: Annotated[
        str | None, typer.Option("--model", help="What speaks for the people. [default: as recommend]")
    ] = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Find songs or artists that are like one: by sound, by words, by the people who hold them."""
    from zetdard.surfaces.cli.similar import print_similar
    from zetdard.surfaces.cli.text import print_json

    with opened(home, database) as zetdard:
        answer = zetdard.similar(kind.value, item, by=by.value, n=n, all_versions=all_versions, model=model)
    if json:
        print_json(answer.to_json())
    else:
        print_similar(answer)


@music.command()
@command
def path(
    start: Annotated[str, typer.Argument(metavar="SONG", help="Id, or words of title and artist.")],
    end: Annotated[str, typer.Argument(metavar="SONG", help="The same.")],
    least: Annotated[
        int, typer.Option("--least", min=0, help="So many songs, if steps that small can be found.")
    ] = 6,
    most: Annotated[int, typer.Option("--most", min=2, help="At most so many songs.")] = 12,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Go from one song to another through sound, in small steps."""
    from zetdard.surfaces.cli.similar import print_path
    from zetdard.surfaces.cli.text import print_json

    with opened(home, database) as zetdard:
        answer = zetdard.path(start, end, longest=most, least_songs=min(least, most))
    if json:
        print_json(answer.to_json())
    else:
        print_path(answer)


@music.command()
@command
def generate(
    user: Annotated[str, typer.Argument(help="Id of the listener.")],
    out: Annotated[Path, typer.Option("--out", help="The sound: a name that ends in .wav.")],
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=600, help="Length of the music.")] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed gives other music.")] = 0,
    budget: Annotated[
        str | None, typer.Option("--budget", help="30s, 5m, 1h: the most that the training may take.")
    ] = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Generate music like what a listener likes, by networks that heard the clips of their songs.

    It needs clips (featurize audio --clips). The networks are trained first, for minutes, and kept.
    """
    from zetdard.surfaces.cli.generating import show_generated
    from zetdard.surfaces.cli.times import seconds_of

    most = None if budget is None else seconds_of(budget)
    with opened(home, database) as zetdard:
        made = zetdard.generate(user, out, seconds=seconds, seed=seed, budget_s=most)
        song = zetdard.describe_song(made.nearest_song)
    show_generated(made, song, out, json=json)


@music.command("match")
@command
def match_(
    joined: Annotated[bool, typer.Option("--joined", help="List what is joined.")] = False,
    same: Annotated[
        tuple[str, str] | None, typer.Option("--same", metavar="SONG OTHER", help="They are one recording.")
    ] = None,
    different: Annotated[
        tuple[str, str] | None,
        typer.Option("--different", metavar="SONG OTHER", help="They are not, also if they were joined."),
    ] = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Review which music files are songs that other sources describe too; on a terminal, one after another."""
    from zetdard.surfaces.cli.matching import ask_about, may_ask, name_of, print_matches
    from zetdard.surfaces.cli.text import print_json

    if same and different:
        raise typer.BadParameter("say --same or --different, not both")
    with opened(home, database) as zetdard:
        pair = same or different
        if pair:
            first, second = zetdard.decide_match(*pair, same=same is not None)
            if json:
                print_json({"song": name_of(first), "other": name_of(second), "same": same is not None})
            else:
                word = "one song" if same else "different songs"
                print(f"from now on {word}: {name_of(first)} and {name_of(second)}")
            return
        found = zetdard.matches("joined" if joined else "unsure")
        if json:
            print_json({"state": "joined" if joined else "unsure", "pairs": [one.to_json() for one in found]})
        elif not found:
            print("nothing is joined" if joined else "nothing is unsure")
        elif joined or not may_ask():
            print_matches(found)
        else:
            decided = ask_about(found, lambda song, other, same: zetdard.decide_match(song, other, same=same))
            print(f"decided: {decided} of {len(found)}")


picture = typer.Typer(help="Draw what is known, as PNG or SVG.", no_args_is_help=True)
music.add_typer(picture, name="picture")

OutOption = Annotated[Path, typer.Option("--out", help="The picture: a name that ends in .png or .svg.")]


@picture.command("song")
@command
def picture_song(
    song: Annotated[str, typer.Argument(help="Id, or words of title and artist.")],
    out: OutOption,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Draw a song's recording: waveform, spectrogram, chroma, tags."""
    from zetdard.surfaces.cli.pictures import show_picture

    with opened(home, database) as zetdard:
        notes = zetdard.picture_song(song, out)
    show_picture(out, notes, json=json)


@picture.command("user")
@command
def picture_user(
    user: Annotated[str, typer.Argument(help="Id of the listener.")],
    out: OutOption,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Draw a listener's taste: tags, tempo, mood, artists."""
    from zetdard.surfaces.cli.pictures import show_picture

    with opened(home, database) as zetdard:
        notes = zetdard.picture_user(user, out)
    show_picture(out, notes, json=json)


@picture.command("graph")
@command
def picture_graph(
    user: Annotated[str, typer.Argument(help="Id of the listener.")],
    out: OutOption,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Draw the network around a listener."""
    from zetdard.surfaces.cli.pictures import show_picture

    with opened(home, database) as zetdard:
        notes = zetdard.picture_graph(user, out)
    show_picture(out, notes, json=json)


@picture.command("map")
@command
def picture_map(
    out: OutOption,
    by: Annotated[
        MapWord | None, typer.Option("--by", help="Which songs lie near each other. [default: sound]")
    ] = None,
    of: Annotated[MapOfWord, typer.Option("--of", help="What is on the map.")] = MapOfWord.SONGS,
    user: Annotated[
        str | None, typer.Option("--user", help="Whose songs, or artists, are marked, or who.")
    ] = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Draw all songs in two dimensions; or artists by style, or listeners by taste, in clusters."""
    from zetdard.surfaces.cli.pictures import show_clusters, show_picture
    from zetdard.surfaces.picturing import ClustersOf

    if by is not None and of is not MapOfWord.SONGS:
        raise typer.BadParameter(
            "--by is for songs; artists and listeners lie where the model taste sees them"
        )
    with opened(home, database) as zetdard:
        if of is not MapOfWord.SONGS:
            whom: ClustersOf = "artists" if of is MapOfWord.ARTISTS else "listeners"
            show_clusters(out, zetdard.picture_clusters(whom, out, user=user), json=json)
            return
        notes = zetdard.picture_map(out, by=(by or MapWord.SOUND).value, user=user)
    show_picture(out, notes, json=json)


@picture.command("training")
@command
def picture_training(
    model: Annotated[str, typer.Argument(help="Name of a model that is trained in epochs.")],
    out: OutOption,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Draw how a model's losses fell in training; it is trained first if it is not ready."""
    from zetdard.surfaces.cli.pictures import show_picture

    with opened(home, database) as zetdard:
        notes = zetdard.picture_training(model, out)
    show_picture(out, notes, json=json)


@picture.command("model")
@command
def picture_model(
    model: Annotated[str, typer.Argument(help="Name of a model that is a network.")],
    out: OutOption,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Draw a network from its actual layers."""
    from zetdard.surfaces.cli.pictures import show_picture

    with opened(home, database) as zetdard:
        notes = zetdard.picture_model(model, out)
    show_picture(out, notes, json=json)
