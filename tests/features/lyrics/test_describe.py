"""Descriptions of whole lyrics, the table of them, and what they tell of an invented world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sandbox.probes import told
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError
from zetdard.features.lyrics import (
    EMOTIONS,
    LYRIC_NAMES,
    InterestConfig,
    LyricDescription,
    describe_lyric,
    describe_lyrics,
    learn_word_space,
)
from zetdard.records import Lyric, LyricState, SongId
from zetdard.sandbox import WorldConfig, generate
from zetdard.sandbox.moods import ENERGY, VALENCE
from zetdard.sandbox.music import NOBODY


def lyric(text: str | None, state: LyricState = LyricState.PRESENT, song: str = "1", **more: str) -> Lyric:
    return Lyric(song=SongId(song), state=state, text=text, **more)


def test_a_song_in_numbers() -> None:
    found = describe_lyric(
        lyric(
            "[00:00.00]作词 : 甲\n[00:10.00]我开心\n[00:20.00]阳光\n[00:30.00]我开心\n[00:40.00]happy day",
            translation="[00:10.00]I am so happy",
        )
    )
    assert found.names == LYRIC_NAMES
    assert found.vector.shape == (len(LYRIC_NAMES),)
    assert found.value("words present (0/1)") == found.value("translated (0/1)") == 1
    assert found.value("language zh (share)") + found.value("language en (share)") == pytest.approx(1)
    assert found.value("lines (ln(1+n))") == pytest.approx(np.log(5))
    assert found.value("repeated lines (share of lines)") == 0.5
    assert found.value("joy (share of emotion words)") == 1
    assert found.value("valence (-1 to 1)") > 0.5
    # 我|开心 twice and 阳光: 5 words in the half minute before the last stamp
    assert found.value("words per minute") == pytest.approx(10)
    assert found.value("words per minute known (0/1)") == 1
    assert found.languages.main == "zh"
    assert [credit.names for credit in found.credits] == [("甲",)]
    assert found.tokens == ("开心", "阳光", "开心", "happy", "day")
    assert found.lines[0] == "我开心"
    with pytest.raises(InputError, match="no number"):
        found.value("tempo")


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (lyric(None, LyricState.INSTRUMENTAL), LyricState.INSTRUMENTAL),
        (lyric(None, LyricState.UNCOLLECTED), LyricState.UNCOLLECTED),
        (lyric("[00:05.00]纯音乐，请欣赏"), LyricState.INSTRUMENTAL),
        (lyric("作词 : 甲\n作曲 : 乙"), LyricState.UNCOLLECTED),
        (lyric(""), LyricState.UNCOLLECTED),
        (lyric(None), LyricState.UNCOLLECTED),
    ],
)
def test_states_are_states(given: Lyric, state: LyricState) -> None:
    found = describe_lyric(given)
    assert found.state is state
    assert found.value(f"{state.value} (0/1)") == 1
    assert found.vector.sum() == 1
    assert (found.tokens, found.lines, found.languages.main) == ((), (), "und")


def test_traditional_and_simplified_are_described_alike() -> None:
    one = describe_lyric(lyric("我們的愛情很幸福\n孤獨的夜裡傷心"))
    other = describe_lyric(lyric("我们的爱情很幸福\n孤独的夜里伤心"))
    np.testing.assert_array_equal(one.vector, other.vector)
    assert one.tokens == other.tokens


def test_words_in_other_languages_feel_as_their_translation_does() -> None:
    text = "[00:01.00]悲しい夜にひとり\n[00:09.00]涙がこぼれる"
    assert describe_lyric(lyric(text)).sentiment.confidence == 0
    translated = describe_lyric(lyric(text, translation="[00:01.00]悲伤的夜里好孤独\n[00:09.00]眼泪流下来"))
    assert translated.languages.main == "ja"
    assert translated.sentiment.valence < -0.5


def test_a_megabyte_of_words_is_described_from_its_beginning() -> None:
    for text in ("我好开心 I am so happy\n" * 40_000, "我好难过" * 80_000):
        found = describe_lyric(lyric(text))
        assert np.isfinite(found.vector).all()
        assert 0 < len("".join(found.lines)) <= 200_000


def test_the_table_has_a_row_for_each_song() -> None:
    lyrics = [
        lyric("我好开心", song="a"),
        lyric(None, LyricState.INSTRUMENTAL, song="b"),
        lyric("not asked for", song="z"),
    ]
    block = describe_lyrics(lyrics, Vocabulary(["b", "c", "a"], kind="song"))
    assert block.columns == LYRIC_NAMES
    assert block.present is not None
    assert block.present.tolist() == [False, False, True]
    assert not block.values[:2].any()
    np.testing.assert_array_equal(block.values[2], describe_lyric(lyrics[0]).vector)
    assert block.provenance["extractor"] == "lyrics"


CONFIG = WorldConfig(n_users=2, n_songs=500, n_artists=80)


def described(strength: float) -> tuple[list[LyricDescription], np.ndarray, np.ndarray]:
    """Descriptions of the songs that are nobody's version, their moods (valence, energy), and their latents."""
    world = generate(replace(CONFIG, lyric_strength=strength))
    found, rows = [], []
    for row, original in enumerate(world.music.song_originals.tolist()):
        drawn = world.lyric(row)
        if original == NOBODY and drawn.text is not None:
            found.append(describe_lyric(lyric(drawn.text)))
            rows.append(row)
    return found, world.moods.songs[rows][:, [VALENCE, ENERGY]], world.music.song_latents[rows]


def test_an_invented_world_can_be_read_in_its_words_and_only_where_they_follow_it() -> None:
    feelings = [LYRIC_NAMES.index(f"{emotion} (share of emotion words)") for emotion in EMOTIONS]
    columns = [LYRIC_NAMES.index("valence (-1 to 1)"), *feelings]
    mood, latents, valence = {}, {}, {}
    for strength in (0.0, 1.0):
        found, moods, songs = described(strength)
        values = np.array([one.vector for one in found], dtype=float)
        mood[strength] = told(values[:, columns], moods, ridge=30.0)
        words = [one.tokens for one in found]
        placed = learn_word_space(words, InterestConfig(size=24)).place(words)
        latents[strength] = told(placed.astype(float), songs, ridge=30.0)
        valence[strength] = float(np.corrcoef(values[:, columns[0]], moods[:, 0])[0, 1])
    assert mood[1.0] > 0.1 > 0.05 > mood[0.0]
    assert latents[1.0] > 0.1 > 0.05 > latents[0.0]
    assert valence[1.0] > 0.3
    assert abs(valence[0.0]) < 0.15
