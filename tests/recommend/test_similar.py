"""Similar songs and artists: by plain means, in small worlds with a known answer, and where nothing is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommend import plain_nearness as plain
from recommend.known import at, block, traits_of, unit
from recommend.small import dataset_of, spaces_of
from zetdard.data.dataset import Dataset
from zetdard.data.ranking import Ranking
from zetdard.data.traits import SongTraits
from zetdard.errors import InputError, NoDataError, UnknownEntityError
from zetdard.recommend.course import Spaces
from zetdard.recommend.likeness import (
    By,
    CloseTempo,
    CommonHolders,
    Near,
    PartWeights,
    SameKey,
    Similar,
    SimilarKind,
    SimilarQuery,
)
from zetdard.recommend.nearness import cosines, fused, ranks
from zetdard.recommend.query import Named, SharedTags, SharedWords
from zetdard.recommend.similar import SimilarFinder, similar, versions_of
from zetdard.recommend.styles import ArtistStyles

TITLES = {
    "s1": "晴天",
    "s2": "晴天 (Live)",
    "s3": "稻香",
    "s4": "Sea",
    "s5": "Sea - Remastered 2009",
    "s6": "Stone",
    "s7": "Silence",
    "s8": "晴天",
}
CREDITS = {
    "s1": ["jay"], "s2": ["jay"], "s3": ["jay"], "s4": ["bo"], "s5": ["bo"], "s6": ["cy", "bo"], "s7": ["dee"], "s8": ["dee"],
}  # fmt: skip
HOLDS = {
    "ann": ["s1", "s3", "s4", "s8"],
    "bob": ["s1", "s2", "s3"],
    "cat": ["s1", "s4", "s5", "s6"],
    "dan": ["s6"],
}
DATASET = dataset_of(HOLDS, titles=TITLES, credits=CREDITS, names={"jay": "周杰伦", "bo": "Bo", "cy": "Cy"})
SPACES = spaces_of(DATASET, "song-graph")
DEGREES = {"s1": 0, "s2": 1, "s3": 40, "s4": 20, "s5": 19, "s6": 90, "s8": 160}
TRAITS = traits_of(
    DATASET,
    sound={song: at(degrees) for song, degrees in DEGREES.items()},
    words={"s1": unit(1, 0, 0), "s3": unit(1, 1, 0), "s4": unit(0, 1, 0), "s6": unit(2, 1, 0)},
    tags={"s1": [0.9, 0.1], "s3": [0.1, 0.9], "s4": [0.8, 0.1], "s6": [0.05, 0.05]},
    tag_names=("metal", "sad"),
    lyrics={"s1": {"月亮": 0.6, "故乡": 0.8}, "s6": {"月亮": 0.9, "故乡": 0.2}, "s3": {"sea": 1.0}},
    descriptors={
        "s1": [120, 1, 1, 0, 0.2, 0.9],
        "s4": [121, 1, 1, 0, 0.1, 0.9],
        "s3": [90, 1, 1, 0, -0.2, 0.9],
    },
    descriptor_names=("tempo (BPM)", "tempo confidence", "key cos", "key sin", "mode", "key confidence"),
)


def ask(
    item: str,
    by: str = "all",
    kind: str = "songs",
    *,
    dataset: Dataset = DATASET,
    spaces: Spaces = SPACES,
    traits: SongTraits = TRAITS,
    **asked: Any,
) -> Similar:
    query = SimilarQuery(kind=SimilarKind(kind), item=item, by=By(by), **asked)
    return similar(query, dataset, spaces, traits)


def ids(answer: Similar) -> list[str]:
    return [item.id for item in answer.items]


# ── Known answers ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_by_sound_the_nearest_comes_first() -> None:
    answer = ask("s1", "sound")
    # s2 is another version of s1, s4 of s5, s7 has no sound; s8 has the title of s1 and another artist.
    assert ids(answer) == ["s5", "s3", "s6", "s8"]
    assert [item.score for item in answer.items] == pytest.approx(
        [float(np.cos(np.radians(DEGREES[song]))) for song in ids(answer)], abs=1e-6
    )
    assert [item.rank for item in answer.items] == [1, 2, 3, 4]
    assert (answer.parts, answer.model, answer.note) == ((By.SOUND,), None, None)
    assert ids(ask("s1", "sound", n=2)) == ["s5", "s3"]


def test_all_versions() -> None:
    assert ids(ask("s1", "sound", all_versions=True)) == ["s2", "s5", "s4", "s3", "s6", "s8"]
    assert ids(ask("s4", "sound")) == ["s2", "s3", "s6", "s8"]


def test_by_words() -> None:
    answer = ask("s1", "words")
    assert ids(answer) == ["s6", "s3", "s4"]
    assert [item.score for item in answer.items] == pytest.approx([2 / 5**0.5, 0.5**0.5, 0], abs=1e-6)
    assert answer.items[0].reasons == (
        Near(By.WORDS, 1, answer.items[0].score),
        SharedWords("song", Named("s1", "晴天"), ("月亮", "故乡")),
    )


def test_by_people_is_the_model_of_that_song_alone() -> None:
    answer = ask("s1", "people")
    # Of three holders of s1, two hold s3, two s4, one each s2, s5, s6, s8; nobody holds s7.
    assert ids(answer) == ["s3", "s4", "s6", "s8"]
    assert [item.score for item in answer.items] == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1 / 3])
    assert answer.model == "song-graph"
    assert answer.items[0].reasons == (Near(By.PEOPLE, 1, answer.items[0].score), CommonHolders(2))


def test_all_fuses_ranks() -> None:
    answer = ask("s1")
    assert answer.parts == (By.SOUND, By.WORDS, By.PEOPLE)
    places = {
        item.id: {near.by.value: near.rank for near in item.reasons if isinstance(near, Near)}
        for item in answer.items
    }
    assert places["s3"] == {"sound": 3, "words": 2, "people": 1}
    assert places["s4"] == {"sound": 2, "words": 3, "people": 2}
    assert places["s6"] == {"sound": 4, "words": 1, "people": 4}
    assert places["s8"] == {"sound": 5, "people": 5}
    assert "s5" not in places  # s4 is better placed in all
    # By people there are two groups of one score each: ranks 1 and 2, ranks 3 to 5.
    expected = {item: [float(place) for place in found.values()] for item, found in places.items()}
    expected["s3"][2] = expected["s4"][2] = 1.5
    expected["s6"][2] = expected["s8"][1] = 4
    for item in answer.items:
        assert item.score == pytest.approx(sum(1 / (60 + place) for place in expected[item.id]))
    assert ids(answer) == ["s3", "s4", "s6", "s8"]


def test_weights_of_the_fusion() -> None:
    assert ids(ask("s1", weights=PartWeights(words=10))) == ["s6", "s3", "s4", "s8"]
    only_sound = ask("s1", weights=PartWeights(words=0, people=0))
    assert only_sound.parts == (By.SOUND,)
    assert ids(only_sound) == ids(ask("s1", "sound"))


def test_evidence_of_sound() -> None:
    by_id = {item.id: item for item in ask("s1", "sound", all_versions=True).items}
    asked = Named("s1", "晴天")
    # The mean of metal is 0.4625, of sad 0.2875; s4 is in C major as s1 is, s3 in C minor.
    assert by_id["s4"].reasons[1:] == (
        SharedTags("song", asked, ("metal",)),
        CloseTempo(120, 121),
        SameKey("C major"),
    )
    assert by_id["s3"].reasons[1:] == ()
    assert by_id["s2"].reasons[1:] == ()


def test_reasons_can_be_left_out() -> None:
    answer = ask("s1", reasons=False)
    assert all(item.reasons == () for item in answer.items)
    assert [(item.id, item.score) for item in answer.items] == [
        (item.id, item.score) for item in ask("s1").items
    ]


@pytest.mark.parametrize("text", ["s1", "晴天 周杰伦", "晴天"])
def test_a_song_is_found_by_its_words(text: str) -> None:
    answer = ask(text, "sound")
    assert (answer.asked, answer.artists) == (Named("s1", "晴天"), (Named("jay", "周杰伦"),))
    assert answer.query.item == text


def test_the_document() -> None:
    document = ask("s1", "sound", n=1).to_json()
    (item,) = document["items"]
    near = item["reasons"].pop(0)
    score = item.pop("score")
    assert near == {"kind": "near", "by": "sound", "rank": 1, "score": score}
    assert document == {
        "song": {"id": "s1", "title": "晴天", "artists": [{"id": "jay", "name": "周杰伦"}]},
        "by": "sound",
        "parts": ["sound"],
        "items": [
            {
                "rank": 1,
                "id": "s5",
                "title": TITLES["s5"],
                "artists": [{"id": "bo", "name": "Bo"}],
                "reasons": [],
            }
        ],
    }
    assert ask("s1", "people").to_json()["model"] == "song-graph"
    reasons = ask("s1", all_versions=True).to_json()["items"]
    kinds = {reason["kind"] for item in reasons for reason in item["reasons"]}
    assert kinds == {"near", "tags", "words", "holders", "tempo", "key"}


# ── Artists ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def artist_world() -> tuple[Dataset, Spaces, SongTraits]:
    """Narrow and wide have one middle; twin is spread as wide is; far lies elsewhere; dumb has no sound."""
    credits = {
        **{f"n{i}": ["narrow"] for i in range(6)},
        **{f"w{i}": ["wide"] for i in range(6)},
        **{f"t{i}": ["twin"] for i in range(6)},
        **{f"f{i}": ["far"] for i in range(6)},
        "d0": ["dumb"],
    }
    middles = {"n": (45, 1), "w": (45, 30), "t": (46, 30), "f": (160, 10)}
    sound = {
        f"{letter}{i}": at(middle + spread * (i - 2.5) / 2.5)
        for letter, (middle, spread) in middles.items()
        for i in range(6)
    }
    holds = {"ann": ["w0", "w1", "f0", "d0"], "bob": ["w2", "f1", "n0"], "cat": ["t0"]}
    dataset = dataset_of(holds, credits=credits)
    traits = traits_of(
        dataset,
        sound=sound,
        tags={"w0": [0.9], "w1": [0.7], "t0": [0.8], "f0": [0.1], "f1": [0.1], "n0": [0.1]},
        tag_names=("metal",),
        lyrics={
            "w0": {"sea": 0.4},
            "w1": {"月亮": 1},
            "t0": {"sea": 0.5},
            "t1": {"月亮": 0.1},
            "n0": {"x": 1},
        },
    )
    return dataset, spaces_of(dataset, "song-graph"), traits


def test_artists_by_sound_are_distributions() -> None:
    dataset, spaces, traits = artist_world()
    answer = ask("wide", "sound", "artists", dataset=dataset, spaces=spaces, traits=traits)
    # The means of wide and narrow are nearer than those of wide and twin; their spreads are not.
    assert ids(answer) == ["twin", "narrow", "far"]
    assert answer.items[0].score > 0.99
    assert answer.items[0].reasons == (
        Near(By.SOUND, 1, answer.items[0].score),
        SharedTags("artist", Named("wide", "wide"), ("metal",)),
    )
    assert not any(isinstance(reason, SharedTags) for reason in answer.items[1].reasons)


def test_artists_by_people() -> None:
    dataset, spaces, traits = artist_world()
    answer = ask("wide", "people", "artists", dataset=dataset, spaces=spaces, traits=traits)
    # ann and bob hold wide: both hold far, ann dumb, bob narrow.
    assert ids(answer) == ["far", "dumb", "narrow"]
    assert [item.score for item in answer.items] == pytest.approx([1, 0.5, 0.5])
    common = [
        reason.count for item in answer.items for reason in item.reasons if isinstance(reason, CommonHolders)
    ]
    assert common == [2, 1, 1]


def test_artists_by_all() -> None:
    dataset, spaces, traits = artist_world()
    answer = ask("wide", "all", "artists", dataset=dataset, spaces=spaces, traits=traits)
    assert answer.parts == (By.SOUND, By.PEOPLE)
    assert (
        answer.note
        == "not by words: the words of no song are known yet: it takes lyrics (`zetdard crawl`, `zetdard import music`), then `zetdard featurize lyrics`"
    )
    # Rows: dumb, far, narrow, twin, wide; by people narrow and dumb have one score.
    expected = plain.fusion([({3: 3, 2: 2, 1: 1}, 1), ({1: 2, 0: 1, 2: 1}, 1)])
    assert ids(answer) == [dataset.artists.vocabulary.label(row) for row in plain.ordered(expected)]
    document = answer.to_json()
    assert document["artist"] == {"id": "wide", "name": "wide"}
    assert list(document["items"][0]) == ["rank", "id", "name", "score", "reasons"]


def test_artists_by_words_name_words() -> None:
    dataset, spaces, traits = artist_world()
    words = {"w0": at(0), "w1": at(20), "t0": at(15), "t1": at(5), "n0": at(90)}
    more = SongTraits(words=block(dataset.songs.vocabulary, words), lexicon=traits.lexicon)
    answer = ask("wide", "words", "artists", dataset=dataset, spaces=spaces, traits=more)
    assert ids(answer) == ["twin", "narrow"]
    # Mean weights of wide (0.2, 0.5) by those of twin (0.25, 0.05) over their six songs: sea before 月亮.
    assert answer.items[0].reasons[1:] == (SharedWords("artist", Named("wide", "wide"), ("sea", "月亮")),)


def test_artists_known_by_plays() -> None:
    dataset = dataset_of(plays={"ann": {"a": 3, "b": 1}, "bob": {"a": 1, "b": 5, "c": 1}})
    spaces = spaces_of(dataset, "song-graph")
    answer = ask("a", "people", "artists", dataset=dataset, spaces=spaces, traits=SongTraits())
    assert ids(answer) == ["b", "c"]


# ── By plain means ──────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Dataset, dict[int, list[float]], dict[int, list[float]]]:
    """A dataset and points of some of its songs in two spaces; few directions and titles, so that there are ties."""
    n = draw(st.integers(2, 9))
    songs = [f"s{i}" for i in range(n)]
    titles = {song: draw(st.sampled_from(["Sky", "Sky (Live)", "Sea", "Stone"])) for song in songs}
    credits = {song: draw(st.lists(st.sampled_from("abc"), max_size=2, unique=True)) for song in songs}
    held = st.lists(st.sampled_from(songs), unique=True)
    holds = {user: draw(held) for user in ("ann", "bob", "cat", "dan")}
    dataset = dataset_of({**holds, "eve": songs[:1]}, titles=titles, credits=credits)
    point = st.tuples(*[st.integers(-2, 2)] * 3).filter(any)
    spaces = []
    for _ in range(2):
        points = {row: draw(st.none() | point) for row in range(n)}
        spaces.append({row: np.float32(unit(*p)).tolist() for row, p in points.items() if p is not None})
    return dataset, spaces[0], spaces[1]


def traits_at(dataset: Dataset, sound: plain.Points, words: plain.Points) -> SongTraits:
    label = dataset.songs.vocabulary.label
    return traits_of(
        dataset,
        sound={label(row): point for row, point in sound.items()},
        words={label(row): point for row, point in words.items()},
    )


@given(worlds(), st.integers(0, 8), st.booleans())
@settings(max_examples=150, deadline=None)
def test_songs_by_plain_means(
    world: tuple[Dataset, plain.Points, plain.Points], place: int, all_versions: bool
) -> None:
    dataset, sound, words = world
    song = place % len(dataset.songs)
    rows = plain.candidates(dataset, song, all_versions=all_versions)
    scores = {}
    if song in sound:
        scores["sound"] = plain.song_scores(sound, song, rows)
    if song in words:
        scores["words"] = plain.song_scores(words, song, rows)
    if plain.holders(dataset, song):
        scores["people"] = plain.people_scores(dataset, song, rows)
    orders = {by: plain.ordered(found) for by, found in scores.items()}
    telling = dict(scores)
    people = scores.get("people", {})
    if len(scores) > 1 and len(people) == len(rows) and len(set(people.values())) <= 1 and "people" in scores:
        del telling["people"]  # the same people hold everything: that tells nothing apart
    if scores:
        (first, *more) = telling.values()
        scores["all"] = plain.fusion((part, 1.0) for part in telling.values()) if more else first
    finder, spaces = (
        SimilarFinder(dataset, traits_at(dataset, sound, words)),
        spaces_of(dataset, "song-graph"),
    )
    label = dataset.songs.vocabulary.label
    for by in By:
        query = SimilarQuery(kind=SimilarKind.SONGS, item=label(song), by=by, all_versions=all_versions)
        if by.value not in scores:
            with pytest.raises(NoDataError):
                finder.similar(query, spaces)
            continue
        answer = finder.similar(query, spaces)
        order = plain.ordered(scores[by.value])
        expected = order if all_versions else plain.one_version(dataset, order)
        assert ids(answer) == [label(row) for row in expected]
        assert [item.score for item in answer.items] == pytest.approx(
            [scores[by.value][row] for row in expected], rel=1e-6, abs=1e-7
        )
        for row, item in zip(expected, answer.items, strict=True):
            places = {near.by.value: near.rank for near in item.reasons if isinstance(near, Near)}
            used = {part: orders[part] for part in (telling if by is By.ALL else [by.value])}
            assert places == {part: o.index(row) + 1 for part, o in used.items() if row in o}
            common = [reason.count for reason in item.reasons if isinstance(reason, CommonHolders)]
            both = plain.holders(dataset, song) & plain.holders(dataset, row)
            assert common == ([len(both)] if both and "people" in used else [])


@given(worlds())
@settings(max_examples=80, deadline=None)
def test_artists_by_plain_means(world: tuple[Dataset, plain.Points, plain.Points]) -> None:
    dataset, sound, _ = world
    traits = traits_at(dataset, sound, {})
    for artist in range(len(dataset.artists)):
        query = SimilarQuery(
            kind=SimilarKind.ARTISTS, item=dataset.artists.vocabulary.label(artist), by=By.SOUND
        )
        present = [song for song in plain.songs_of(dataset, artist) if song in sound]
        points = {tuple(point) for point in sound.values()}
        if not present or len(points) < 2:
            with pytest.raises(NoDataError):
                similar(query, dataset, Spaces(), traits)
            continue
        answer = similar(query, dataset, Spaces(), traits)
        found = {dataset.artists.find(item.id): item.score for item in answer.items}
        assert found == pytest.approx(plain.artist_scores(dataset, sound, artist), rel=1e-5)
        assert [item.score for item in answer.items] == sorted(found.values(), reverse=True)


def test_equal_songs_stand_by_their_rows_wherever_they_lie() -> None:
    """Sums in float32 differ with the place of a row in a block; the order must not."""
    rng = np.random.default_rng(3)
    songs = dataset_of(credits={f"s{i:05d}": [] for i in range(9001)}).songs.vocabulary
    point = unit(*rng.normal(size=203))
    space = block(songs, dict.fromkeys(songs, point))
    assert len(set(cosines(space, 17).tolist())) == 1


def test_cosines_are_those_of_the_numbers() -> None:
    rng = np.random.default_rng(4)
    songs = dataset_of(credits={f"s{i:02d}": [] for i in range(60)}).songs.vocabulary
    space = block(songs, {song: unit(*rng.normal(size=50)) for song in list(songs)[::2]})
    expected = [plain.cosine(space.values[4].tolist(), row) for row in space.values.tolist()]
    assert cosines(space, 4).tolist() == expected


def test_many_artists_are_compared_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zetdard.recommend.styles._AT_ONCE", 21)  # three artists at a time
    rng = np.random.default_rng(5)
    credits = {f"s{i:02d}": [f"a{artist}" for artist in rng.choice(11, 2, replace=False)] for i in range(40)}
    dataset = dataset_of(credits=credits)
    points = {row: unit(*rng.normal(size=7)) for row in range(0, 40, 3)}
    space = block(dataset.songs.vocabulary, {f"s{row:02d}": point for row, point in points.items()})
    styles = ArtistStyles(dataset, space)
    artist = int(np.flatnonzero(styles.known)[2])
    expected = plain.artist_scores(dataset, {row: space.values[row].tolist() for row in points}, artist)
    found = styles.likeness(artist)
    assert found[artist] == 1
    assert {other: found[other] for other in expected} == pytest.approx(expected, rel=1e-6)
    assert (found[~styles.known] == 0).all()


@given(st.lists(st.dictionaries(st.integers(0, 5), st.integers(1, 3), max_size=6), max_size=3))
def test_fusion_by_its_formula(parts: list[dict[int, int]]) -> None:
    rankings = []
    for weight, part in enumerate(parts, start=1):
        order = plain.ordered({row: float(score) for row, score in part.items()})
        scores = np.array([part[row] for row in order], np.float32)
        rankings.append((Ranking(np.array(order, np.int32), scores), weight))
    found = fused(rankings, 6)
    expected = plain.fusion([(part, weight) for weight, part in enumerate(parts, start=1)])
    assert found.items.tolist() == plain.ordered(expected)
    assert found.scores.tolist() == [expected[row] for row in found.items.tolist()]
    for ranking, _ in rankings:
        places = ranks(ranking, 6)
        assert [places[row] for row in ranking.items] == list(range(1, len(ranking) + 1))
        assert np.count_nonzero(places) == len(ranking)


def test_a_ranking_that_tells_nothing_apart_moves_nothing() -> None:
    sound = Ranking(np.array([4, 1, 0, 3], np.int32), np.array([4, 3, 2, 1], np.float32))
    people = Ranking(np.arange(5, dtype=np.int32), np.ones(5, np.float32))
    assert fused([(sound, 1), (people, 1)], 5).items.tolist()[:4] == [4, 1, 0, 3]


# ── Where nothing is known ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("item", "by", "message"),
    [
        (
            "s7",
            "sound",
            r"the sound of Silence – dee \(s7\) is not known: no sound file .* `zetdard featurize audio`",
        ),
        ("s7", "words", r"the words of Silence .* instrumental, .* `zetdard featurize lyrics`"),
        ("s7", "people", r"nobody holds Silence – dee \(s7\)"),
        ("s7", "all", r"(?s)the sound of .*the words of .*nobody holds"),
    ],
)
def test_a_song_of_which_nothing_is_known(item: str, by: str, message: str) -> None:
    with pytest.raises(NoDataError, match=message):
        ask(item, by)


@pytest.mark.parametrize("kind", ["songs", "artists"])
@pytest.mark.parametrize(("by", "what"), [("sound", "audio"), ("words", "lyrics")])
def test_nothing_was_featurized(kind: str, by: str, what: str) -> None:
    with pytest.raises(NoDataError, match=f"no song .* then `zetdard featurize {what}`"):
        ask("s1" if kind == "songs" else "jay", by, kind, traits=SongTraits())


def test_an_artist_of_whom_nothing_is_known() -> None:
    dataset, spaces, traits = artist_world()
    with pytest.raises(NoDataError, match=r"the sound of dumb \(dumb\) is not known: .* any of their songs"):
        ask("dumb", "sound", "artists", dataset=dataset, spaces=spaces, traits=traits)
    with pytest.raises(NoDataError, match="nobody holds"):
        ask("dee", "people", "artists", spaces=Spaces())


def test_one_song_has_nothing_to_be_compared_with() -> None:
    traits = traits_of(DATASET, sound={"s1": at(0)})
    answer = ask("s1", "sound", traits=traits)
    assert (answer.items, answer.note) == ((), "there are no other songs with a known sound")
    with pytest.raises(NoDataError, match="two or more"):
        ask("jay", "sound", "artists", traits=traits)
    alone = dataset_of({"ann": ["s1"]})
    answer = ask("s1", "people", dataset=alone, spaces=spaces_of(alone, "song-graph"), traits=SongTraits())
    assert (answer.items, answer.note) == ((), "there are no other songs that the same people hold")


def test_a_list_by_all_says_what_is_missing() -> None:
    answer = ask("s8")
    assert answer.parts == (By.SOUND, By.PEOPLE)
    assert answer.note is not None
    assert answer.note.startswith("not by words: the words of 晴天 – dee (s8) are not known")


def test_what_cannot_be_asked() -> None:
    with pytest.raises(InputError, match="1 to"):
        SimilarQuery(kind=SimilarKind.SONGS, item="s1", n=0)
    with pytest.raises(InputError, match="weights"):
        PartWeights(0, 0, 0)
    with pytest.raises(InputError, match="weights"):
        PartWeights(sound=-1)
    with pytest.raises(UnknownEntityError):
        ask("nothing of the kind")
    with pytest.raises(UnknownEntityError):
        ask("nobody", kind="artists")
    with pytest.raises(InputError, match="popular gives everybody one list"):
        ask("s1", "people", spaces=spaces_of(DATASET, "popular"))
    others = dataset_of({"ann": ["x"]})
    with pytest.raises(InputError, match="other songs"):
        ask("s1", "sound", traits=traits_of(others, sound={"x": at(0)}))


def test_the_same_question_has_the_same_answer() -> None:
    finder = SimilarFinder(DATASET, TRAITS)
    for kind, item in (("songs", "s1"), ("artists", "jay")):
        query = SimilarQuery(kind=SimilarKind(kind), item=item)
        once = finder.similar(query, SPACES).to_json()
        assert finder.similar(query, SPACES).to_json() == once == ask(item, kind=kind).to_json()


def test_versions() -> None:
    label = DATASET.songs.vocabulary.label
    assert {song: [label(row) for row in versions_of(DATASET, DATASET.songs.find(song))] for song in TITLES} == {
        "s1": ["s2"], "s2": ["s1"], "s3": [], "s4": ["s5"], "s5": ["s4"], "s6": [], "s7": [], "s8": [],
    }  # fmt: skip
