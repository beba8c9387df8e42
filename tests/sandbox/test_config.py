"""A config that no world can be made of is refused with a reason."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from zetdard.errors import InputError
from zetdard.sandbox import SCALES, WorldConfig
from zetdard.sandbox.config import REGIONS


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"n_users": 0}, "n_users is too small"),
        ({"n_songs": -1}, "n_songs is too small"),
        ({"seed": -1}, "seed is too small"),
        ({"n_users": 2.5}, "n_users must be an integer"),
        ({"n_users": True}, "n_users must be an integer"),
        ({"taste_strength": "7"}, "taste_strength must be a number"),
        ({"taste_strength": math.nan}, "must be finite"),
        ({"mean_follows": math.inf}, "must be finite"),
        ({"mean_follows": -0.5}, "mean_follows is too small"),
        ({"taste_concentration": 0.0}, "taste_concentration is too small"),
        ({"unheld_share": 1.1}, "must be at most 1"),
        ({"n_genres": 13, "latent_size": 20}, "at most 12 have names"),
        ({"n_regions": 9}, "at most 8 have names"),
        ({"n_songs": 10, "n_artists": 11}, "every artist has a song"),
        ({"n_genres": 8, "latent_size": 7}, "latent_size 7 < n_genres 8"),
        ({"version_share": 0.3, "cover_share": 0.3}, "over 0.5"),
    ],
)
def test_bad_values_are_refused(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        WorldConfig(**values)


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(TypeError, match="n_user"):
        WorldConfig(n_user=3)  # type: ignore[call-arg]


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        WorldConfig().seed = 3  # type: ignore[misc]


def test_named_scales() -> None:
    assert SCALES["small"] == WorldConfig()
    thesis = SCALES["thesis"]
    assert (thesis.n_users, thesis.n_artists, thesis.n_playlists, thesis.n_follows) == (
        3000,
        3000,
        15000,
        8000,
    )
    assert (thesis.total_comments, thesis.total_sounding) == (150_000, 2000)


def test_regions_have_the_numbers_of_their_names() -> None:
    assert len({region.name for region in REGIONS}) == len(REGIONS)
    assert all(len(region.name.split(" ")) == 2 for region in REGIONS)
    # GB/T 2260: two digits a province, two a city, two a county; a city's number begins with its province's.
    assert all(region.province % 10_000 == 0 for region in REGIONS)
    assert all(0 < region.city - region.province < 10_000 for region in REGIONS)
    assert all(region.city % 100 == 0 for region in REGIONS)


def test_rows_have_streams_of_their_own() -> None:
    config = WorldConfig(seed=5)
    assert config.stream("songs", 3).random() == config.stream("songs", 3).random()
    assert len({config.stream("songs", *rows).random() for rows in ((), (3,), (4,), (3, 4), (4, 3))}) == 5


def test_streams_are_their_own() -> None:
    config = WorldConfig(seed=5)
    first = config.stream("songs").random(4)
    np.testing.assert_array_equal(first, config.stream("songs").random(4))
    assert not np.array_equal(first, config.stream("artists").random(4))
    assert not np.array_equal(first, WorldConfig(seed=6).stream("songs").random(4))
