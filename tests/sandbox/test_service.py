"""What the invented service says of its own: charts, similar songs, offers, covers, images."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest

from zetdard.errors import InputError
from zetdard.records import Relation, Role, SongArtist
from zetdard.sandbox import World, WorldConfig, generate
from zetdard.sandbox.images import IMAGE_KINDS
from zetdard.sandbox.service import CHART_LENGTH, DAILY_LENGTH, RADIO_LENGTH


@pytest.fixture(scope="module")
def world() -> World:
    return generate()


def held(world: World, row: int) -> set[int]:
    return set(world.songs_of(world.people_labels.user_ids[row]).tolist())


@pytest.mark.smoke
def test_charts_list_held_songs_by_plays(world: World) -> None:
    for row in range(world.config.n_users):
        for chart in (world.chart(row), world.week_chart(row)):
            songs = [each.song_row for each in chart]
            plays = [each.plays for each in chart]
            assert set(songs) <= held(world, row)
            assert len(set(songs)) == len(songs) <= CHART_LENGTH
            assert plays == sorted(plays, reverse=True)
            assert all(count >= 1 for count in plays)
            scores = [each.score for each in chart]
            assert scores == [round(100 * count / plays[0]) for count in plays]
        assert len(world.chart(row)) == min(CHART_LENGTH, len(held(world, row)))


def test_a_listener_plays_more_what_fits(world: World) -> None:
    gains = []
    for row, user in enumerate(world.people_labels.user_ids):
        chart = [each.song_row for each in world.chart(row)]
        if len(chart) >= 10:
            scores = world.oracle(user)[chart]
            half = len(chart) // 2
            gains.append(scores[:half].mean() - scores[half:].mean())
    assert np.mean(gains) > 0.05


def test_similar_songs_are_alike_and_others(world: World) -> None:
    latents = world.music.song_latents
    likeness = []
    for row in range(100):
        similar = world.similar_songs(row)
        assert len(set(similar)) == 5
        assert row not in similar
        likeness += (latents[list(similar)] @ latents[row]).tolist()
    assert np.mean(likeness) > 0.5
    assert world.similar_songs(3, n=2) == world.similar_songs(3)[:2]


def test_without_noise_the_likest_song_comes_first() -> None:
    world = generate(WorldConfig(n_users=2, n_songs=50, n_artists=10, service_noise=0.0))
    likeness = world.music.song_latents @ world.music.song_latents[7]
    assert world.similar_songs(7) == tuple(np.argsort(-likeness)[1:6].tolist())


def test_offers_are_new_to_the_listener_and_fit(world: World) -> None:
    gains = []
    for row, user in enumerate(world.people_labels.user_ids):
        daily, radio = world.daily_songs(row), world.radio(row)
        assert len(set(daily)) == len(daily) == DAILY_LENGTH
        assert len(set(radio)) == len(radio) == RADIO_LENGTH
        assert held(world, row).isdisjoint({*daily, *radio})
        assert world.music.song_held[[*daily, *radio]].all()
        scores = world.oracle(user)
        gains.append(scores[list(daily)].mean() - scores.mean())
    assert np.mean(gains) > 1


def test_offers_and_likenesses_end_where_the_songs_end() -> None:
    world = generate(WorldConfig(n_users=2, n_songs=4, n_artists=2, n_genres=2))
    assert len(world.similar_songs(0)) == 3
    assert len(world.daily_songs(0)) <= 4
    alone = generate(WorldConfig(n_users=1, n_songs=1, n_artists=1, n_genres=1))
    assert alone.similar_songs(0) == ()
    assert len(alone.chart(0)) == 1


def test_likes_are_the_liked_list(world: World) -> None:
    for row in range(world.config.n_users):
        first = world.playlists[world.playlists_of(row)[0]]
        assert first.relation is Relation.LIKED
        assert world.likes(row) == tuple(first.songs.tolist())
        assert all(world.playlists[each].owner == row for each in world.playlists_of(row))


def test_roles_say_what_the_service_says_of_covers(world: World) -> None:
    types = {song: world.original_cover_type(row) for row, song in enumerate(world.music_labels.song_ids)}
    roles = {0: Role.PERFORMER, 1: Role.ORIGINAL, 2: Role.COVER}
    assert set(types.values()) == set(roles)
    for record in world.records():
        if isinstance(record, SongArtist):
            assert record.role is roles[types[record.song]]
    covers = np.flatnonzero([kind == 2 for kind in types.values()])
    originals = world.music.song_originals[covers]
    assert all(world.original_cover_type(row) == 1 for row in originals.tolist())
    assert (world.music.song_artists[covers] != world.music.song_artists[originals]).all()


def pixels(png: bytes) -> bytes:
    """Check every chunk of a PNG and return its unpacked lines."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, chunks = 8, {}
    while place < len(png):
        (size,) = struct.unpack_from(">I", png, place)
        body = png[place + 4 : place + 8 + size]
        assert struct.unpack_from(">I", png, place + 8 + size) == (zlib.crc32(body),)
        chunks[body[:4]] = body[4:]
        place += 12 + size
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (64, 64, 1, 3, 0, 0, 0)
    return zlib.decompress(chunks[b"IDAT"])


def test_images_are_png(world: World) -> None:
    for kind in IMAGE_KINDS:
        image = world.image(kind, 3)
        assert len(pixels(image)) == 64 * (1 + 8)
        assert image == generate().image(kind, 3)
        assert image != world.image(kind, 4) or kind == "song"
    assert len({world.image(kind, 3) for kind in IMAGE_KINDS}) == len(IMAGE_KINDS)


def test_songs_of_an_album_share_its_cover(world: World) -> None:
    covers: dict[tuple[int, str], set[bytes]] = {}
    for row, artist in enumerate(world.music.song_artists.tolist()):
        covers.setdefault((artist, world.music_labels.albums[row]), set()).add(world.image("song", row))
    assert all(len(images) == 1 for images in covers.values())
    assert len({next(iter(images)) for images in covers.values()}) > 0.9 * len(covers)


def test_an_unknown_kind_of_image_is_refused(world: World) -> None:
    with pytest.raises(InputError, match="no images of kind 'cat'"):
        world.image("cat", 0)


@pytest.mark.parametrize("n_playlists", [300, 420, 1500])
def test_playlists_are_exactly_so_many(n_playlists: int) -> None:
    world = generate(WorldConfig(n_playlists=n_playlists))
    assert len(world.playlists) == n_playlists
    liked = [drawn.owner for drawn in world.playlists if drawn.relation is Relation.LIKED]
    assert liked == list(range(300))
    assert all(drawn.songs.size for drawn in world.playlists if drawn.relation is Relation.OWN)


@pytest.mark.parametrize("n_follows", [0, 1, 777])
def test_follows_are_exactly_so_many(n_follows: int) -> None:
    world = generate(WorldConfig(n_follows=n_follows))
    pairs = {tuple(pair) for pair in world.follows.tolist()}
    assert len(pairs) == len(world.follows) == n_follows
    assert all(user != other for user, other in pairs)
    assert world.follows.tolist() == sorted(world.follows.tolist())
    if n_follows == 777:
        likeness = world.listeners.user_latents @ world.listeners.user_latents.T
        assert likeness[world.follows[:, 0], world.follows[:, 1]].mean() > likeness.mean() + 0.2
        assert sum((other, user) in pairs for user, other in pairs) > 0.4 * n_follows


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"n_playlists": 299}, "all have a liked list"),
        ({"n_follows": 50_000}, "over half of the 89700 possible pairs"),
        ({"n_comments": -1}, "n_comments is too small"),
        ({"n_comments": 2.5}, "n_comments must be an integer"),
    ],
)
def test_impossible_totals_are_refused(values: dict, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        WorldConfig(**values)


def test_more_playlists_than_songs_for_them_are_refused() -> None:
    with pytest.raises(InputError, match="n_playlists is at most"):
        generate(WorldConfig(n_playlists=1_000_000))


def test_all_followable_pairs_of_a_tiny_world() -> None:
    config = WorldConfig(n_users=3, n_songs=9, n_artists=3, n_genres=2, n_follows=3)
    assert len(generate(config).follows) == 3
    assert len(generate(replace(config, n_users=2, n_follows=1)).follows) == 1
