"""Tags, moods, words, tempo and key that songs share; and the reasons of recommendations that name them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommend.known import block, lexicon, traits_of
from recommend.small import dataset_of, recommend, spaces_of
from zetdard.data.dataset import Dataset
from zetdard.data.moods import SongMoods
from zetdard.data.opinions import Opinions
from zetdard.data.traits import SongTraits
from zetdard.errors import InputError
from zetdard.features.audio.tonality import PITCH_CLASSES, tonality
from zetdard.recommend.query import (
    Because,
    Kind,
    Named,
    Query,
    Recommendation,
    SharedMoods,
    SharedTags,
    SharedWords,
    Without,
)
from zetdard.recommend.recommender import Recommender
from zetdard.recommend.shared import (
    LEAST_FIT,
    MOST_TAGS,
    MOST_WORDS,
    SharedTraits,
    changed_tags,
    leads,
    shared_tags,
    shared_words,
)

NAMES = ("rock", "metal", "loud", "piano", "sad", "odd", "late")
PROFILES = st.lists(st.floats(0, 1), min_size=7, max_size=7).map(np.array)


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


def test_tags_that_lead_in_both() -> None:
    of_all = np.array([0.6, 0.1, 0.2, 0.2, 0.2, 0.001, 0.1])
    first = np.array([0.7, 0.5, 0.9, 0.1, 0.8, 0.05, 0.2])
    second = np.array([0.7, 0.8, 0.6, 0.9, 0.2, 0.05, 0.2])
    # rock is common, piano and sad stand out in one only, odd hardly fits; late leads by ln 2.25.
    assert shared_tags(first, second, of_all, NAMES) == ("metal", "loud", "late")
    assert leads(first, of_all)[1] == pytest.approx(math.log(9))
    assert leads(first, of_all)[5] == -np.inf
    # In `second` loud leads by ln 6 and metal by ln 36: of the two the lesser lead counts.
    assert shared_tags(second, second, of_all, NAMES) == ("metal", "piano", "loud", "late")


def test_tags_with_equal_leads_stand_in_their_order_and_are_limited() -> None:
    of_all, same = np.full(7, 0.1), np.full(7, 0.5)
    assert shared_tags(same, same, of_all, NAMES) == NAMES[:MOST_TAGS]


@given(PROFILES, PROFILES, PROFILES)
def test_shared_tags_are_those_of_both(first: np.ndarray, second: np.ndarray, of_all: np.ndarray) -> None:
    found = shared_tags(first, second, of_all, NAMES)
    assert found == shared_tags(second, first, of_all, NAMES)
    assert len(set(found)) == len(found) <= MOST_TAGS
    for tag in found:
        place = NAMES.index(tag)
        assert min(first[place], second[place]) >= max(of_all[place], LEAST_FIT)


@given(PROFILES, PROFILES, PROFILES)
def test_what_comes_one_way_goes_the_other(first: np.ndarray, second: np.ndarray, of_all: np.ndarray) -> None:
    come, go = changed_tags(first, second, of_all, NAMES)
    assert changed_tags(second, first, of_all, NAMES) == (go, come)
    assert not set(come) & set(go)
    assert changed_tags(first, first, of_all, NAMES) == ((), ())
    for tag in come:
        assert first[NAMES.index(tag)] < second[NAMES.index(tag)]


def test_changed_tags() -> None:
    of_all = np.full(7, 0.1)
    first = np.array([0.5, 0.9, 0.5, 0.1, 0.01, 0.0, 0.0])
    second = np.array([0.5, 0.1, 0.6, 0.9, 0.5, 0.05, 0.0])
    # By `loud` both stand out; odd becomes likelier and hardly fits.
    assert changed_tags(first, second, of_all, NAMES) == (("sad", "piano"), ("metal",))
    # On both sides of the odds that make a tag stand out, 2/9, and near them.
    near, other = np.full(7, 0.18), np.full(7, 0.19)
    assert shared_tags(other, other, of_all, NAMES)
    assert not shared_tags(near, near, of_all, NAMES)
    assert changed_tags(near, other, of_all, NAMES) == ((), ())
    # A tag that fades and still stands out has not gone.
    assert changed_tags(np.full(7, 0.9), np.full(7, 0.3), of_all, NAMES) == ((), ())


def test_words_by_the_product_of_their_weights() -> None:
    first = csr_array(np.array([[0.5, 0.1, 0.0, 0.9, 0.3, 0.2, 0.1]]))
    second = csr_array(np.array([[0.1, 0.5, 0.9, 0.0, 0.3, 0.2, 0.1]]))
    words = ("天", "地", "人", "你", "我", "他", "sea")
    # Products: 0.05, 0.05 (tie: in order), none, none, 0.09, 0.04, 0.01.
    assert shared_words(first, second, words) == ("我", "天", "地", "他", "sea")
    assert len(shared_words(csr_array(np.ones((1, 7))), csr_array(np.ones((1, 7))), words)) == MOST_WORDS
    assert shared_words(first, csr_array((1, 7)), words) == ()


def test_groups_have_mean_profiles_of_what_is_known() -> None:
    dataset = dataset_of({"ann": ["a", "b", "c", "d"]})
    traits = traits_of(
        dataset,
        tags={"a": [0.9, 0.0], "b": [0.1, 0.0], "c": [0.8, 0.6]},
        tag_names=("metal", "sad"),
        lyrics={"a": {"月亮": 1.0}, "b": {"故乡": 0.5}, "c": {"月亮": 0.4, "故乡": 0.9}},
    )
    shared = SharedTraits(traits, dataset.songs.vocabulary)
    a, b, c, d = range(4)
    # The mean of all is 0.6: the pair (a, d) has 0.9 as d is not known, (a, b) has 0.5.
    assert shared.tags(rows(a, d), rows(a)) == ("metal",)
    assert shared.tags(rows(a, b), rows(a)) == ()
    assert shared.tags(rows(d), rows(a)) == ()
    assert shared.tags(rows(), rows(a)) == ()
    assert shared.words(rows(a), rows(c)) == ("月亮",)
    # 月亮 0.5 · 0.4, 故乡 0.25 · 0.9.
    assert shared.words(rows(a, b), rows(c)) == ("故乡", "月亮")
    assert shared.words(rows(a), rows(b)) == ()
    assert shared.words(rows(d), rows(c)) == ()
    assert shared.changes(a, d) == ((), ())


def test_nothing_known_shares_nothing() -> None:
    dataset = dataset_of({"ann": ["a", "b"]})
    shared = SharedTraits(SongTraits(), dataset.songs.vocabulary)
    assert shared.tags(rows(0), rows(1)) == shared.words(rows(0), rows(1)) == ()
    assert shared.changes(0, 1) == ((), ())
    assert shared.moods(rows(0), rows(1)) == ((), False)
    assert shared.tempo(0, 1) is shared.key(0, 1) is None


BEAT = ("tempo (BPM)", "tempo confidence")


@pytest.mark.parametrize(
    ("first", "second", "close"),
    [
        ((120, 0.6), (121, 0.5), True),
        ((120, 0.6), (124.9, 0.5), True),
        ((120, 0.6), (126, 0.5), False),
        ((120, 0.6), (120, 0.0), False),
        ((0, 0.6), (0, 0.6), False),
    ],
)
def test_tempo(first: tuple[float, float], second: tuple[float, float], close: bool) -> None:
    dataset = dataset_of({"ann": ["a", "b", "c"]})
    traits = traits_of(dataset, descriptors={"a": first, "b": second}, descriptor_names=BEAT)
    shared = SharedTraits(traits, dataset.songs.vocabulary)
    expected = pytest.approx((first[0], second[0])) if close else None
    assert shared.tempo(0, 1) == expected
    assert shared.tempo(0, 2) is None


def test_tempo_without_a_column_for_how_sure_it_is() -> None:
    dataset = dataset_of({"ann": ["a", "b", "c"]})
    traits = traits_of(dataset, descriptors={"a": [120], "b": [120]}, descriptor_names=BEAT[:1])
    shared = SharedTraits(traits, dataset.songs.vocabulary)
    assert shared.tempo(0, 1) == (120, 120)
    assert shared.tempo(1, 2) is None


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("minor", [False, True])
def test_key_is_read_as_it_is_measured(tonic: int, minor: bool) -> None:
    scale = np.zeros(12)
    scale[[0, 3 if minor else 4, 7]] = 1, 0.8, 0.9
    measured = tonality(np.roll(scale, tonic))
    assert measured.name == f"{PITCH_CLASSES[tonic]} {'minor' if minor else 'major'}"
    columns = ("key cos", "key sin", "mode", "key confidence")
    song = [*measured.fifths, measured.mode, measured.confidence]
    unsure, silent = [*song[:3], 0.1], [0.0, 0.0, 0.0, 0.0]
    dataset = dataset_of({"ann": ["a", "b", "c", "d"]})
    traits = traits_of(
        dataset, descriptors={"a": song, "b": song, "c": unsure, "d": silent}, descriptor_names=columns
    )
    shared = SharedTraits(traits, dataset.songs.vocabulary)
    assert shared.key(0, 1) == measured.name
    assert shared.key(0, 2) is shared.key(0, 3) is shared.key(2, 3) is None


Rows = Mapping[str, Sequence[float]]


def feeling(dataset: Dataset, told: Rows, heard: Rows) -> SongMoods:
    made = block(dataset.songs.vocabulary, {**told, **heard}, ("valence", "energy"))
    return SongMoods(made, np.isin(dataset.songs.vocabulary.labels, list(told)))


def test_moods_by_which_both_stand_out_to_one_side() -> None:
    dataset = dataset_of({"ann": ["a", "b", "c", "d", "e", "f"]})
    told = {"a": [2, -1], "b": [-2, 1], "c": [1.5, -1.2]}
    # Mean 0.5 and −0.4, standard deviation 1.78 and 0.99.
    moods = feeling(dataset, told, {"d": [2.5, -9], "e": [9, 9]})
    shared = SharedTraits(SongTraits(moods=moods), dataset.songs.vocabulary)
    assert shared.moods(rows(1), rows(0)) == ((), False)
    assert shared.moods(rows(3), rows(4)) == (("+ valence",), True)
    # Now the mean of energy is −1.07, its standard deviation 1.64.
    low = feeling(dataset, told | {"a": [2, -3]}, {"d": [4, -3], "e": [4, -2.8], "f": [-2, -2.8]})
    shared = SharedTraits(SongTraits(moods=low), dataset.songs.vocabulary)
    assert shared.moods(rows(3), rows(4)) == (("+ valence", "− energy"), True)
    assert shared.moods(rows(3), rows(5)) == (("− energy",), True)
    assert shared.moods(rows(0, 3), rows(0)) == (("− energy",), True)  # of several songs the mean counts
    assert shared.moods(rows(0), rows(0)) == (("− energy",), False)  # given, not heard


# ── Reasons of recommendations ──────────────────────────────────────────────────────────────────────────────────────

HOLDS = {"ann": ["s1", "s2"], "bob": ["s1", "s2", "s4"], "cat": ["s2", "s4", "s5"]}
"""For ann, s4 comes by s2 (4/7) before s1 (3/7), and s5 by s2 alone."""
DATASET = dataset_of(HOLDS, titles={"s2": "故乡的月亮"}, credits={"s1": ["a"], "s4": ["b"]})


def known() -> SongTraits:
    return traits_of(
        DATASET,
        tags={"s1": [0.2, 0.2], "s2": [0.9, 0.1], "s4": [0.8, 0.1], "s5": [0.01, 0.9]},
        tag_names=("metal", "sad"),
        lyrics={
            "s1": {"sea": 1.0},
            "s2": {"月亮": 0.6, "故乡": 0.8},
            "s4": {"月亮": 0.9, "故乡": 0.2, "sea": 0.4},
        },
    )


def asked(traits: SongTraits | None, kind: Kind = Kind.SONGS, **more: object) -> Recommendation:
    recommender = Recommender(DATASET, spaces_of(DATASET, "song-graph"), lambda _: Opinions(), traits=traits)
    return recommender.recommend(Query(kind=kind, user="ann", **more))  # type: ignore[arg-type]


def test_a_recommended_song_shares_with_its_largest_cause() -> None:
    s4, s5 = asked(known()).items
    assert (s4.id, s5.id) == ("s4", "s5")
    causes = [reason for reason in s4.reasons if isinstance(reason, Because)]
    assert causes[0].source.id == "s2"
    tags, words = s4.reasons[-3:-1]
    assert tags == SharedTags("song", causes[0].source, ("metal",))
    assert words == SharedWords("song", causes[0].source, ("月亮", "故乡"))
    assert isinstance(s4.reasons[-1], Without)
    assert tags.to_json() == {"kind": "tags", "id": "s2", "title": "故乡的月亮", "tags": ["metal"]}
    assert words.to_json() == {"kind": "words", "id": "s2", "title": "故乡的月亮", "words": ["月亮", "故乡"]}
    assert not any(isinstance(reason, SharedTags | SharedWords) for reason in s5.reasons)


def test_a_recommended_song_feels_as_its_largest_cause() -> None:
    moods = feeling(DATASET, {"s1": [0, 0], "s5": [0, 1], "s2": [5, 0]}, {"s4": [5, 0]})
    (s4, _) = asked(SongTraits(moods=moods)).items
    found = [reason for reason in s4.reasons if isinstance(reason, SharedMoods)]
    assert found == [SharedMoods("song", Named("s2", "故乡的月亮"), ("+ valence",), heard=True)]
    assert found[0].to_json() == {
        "kind": "moods",
        "id": "s2",
        "title": "故乡的月亮",
        "moods": ["+ valence"],
        "heard": True,
    }


def test_other_reasons_and_the_order_stay_as_they_are() -> None:
    plain, more = asked(None), asked(known())
    assert plain.to_json() == recommend(DATASET, "songs", "ann").to_json()
    for one, other in zip(plain.items, more.items, strict=True):
        rest = tuple(reason for reason in other.reasons if not isinstance(reason, SharedTags | SharedWords))
        assert (one.id, one.score, one.reasons) == (other.id, other.score, rest)
    assert asked(known(), reasons=False).items[0].reasons == ()


@pytest.mark.parametrize("kind", [Kind.ARTISTS])
def test_artists_are_no_songs(kind: Kind) -> None:
    assert asked(known(), kind).to_json() == asked(None, kind).to_json()


def test_traits_of_other_songs_are_refused() -> None:
    others = dataset_of({"ann": ["x"]})
    traits = SongTraits(lexicon=lexicon(others.songs.vocabulary, {"x": {"sea": 1.0}}))
    with pytest.raises(InputError, match="other songs"):
        asked(traits)
