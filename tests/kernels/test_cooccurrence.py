"""The co-occurrence kernels against plain references, and the folder of compiled code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array, csc_array, csr_array

from zetdard.errors import InputError
from zetdard.kernels import cooccurrence
from zetdard.kernels.cooccurrence import TopK, top_k_neighbours, user_overlap, weights

# The first call of a kernel may compile it, so no example has a deadline.
laws = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


def reference(held: np.ndarray, k: int) -> list[list[tuple[int, int]]]:
    """The definition, row by row: (song, count) of the k largest counts, ties by song row."""
    shared = held.astype(np.int64).T @ held.astype(np.int64)  # (songs, songs)
    rows = []
    for a in range(len(shared)):
        others = [(int(c), b) for b, c in enumerate(shared[a]) if b != a and c > 0]
        rows.append([(b, c) for c, b in sorted(others, key=lambda pair: (-pair[0], pair[1]))[:k]])
    return rows


def as_rows(found: TopK) -> list[list[tuple[int, int]]]:
    bounds = zip(found.indptr[:-1].tolist(), found.indptr[1:].tolist(), strict=True)
    return [
        list(zip(found.indices[i:j].tolist(), found.counts[i:j].tolist(), strict=True)) for i, j in bounds
    ]


def skewed(n_users: int, n_songs: int, seed: int, level: float = 2.0) -> np.ndarray:
    """A matrix with popular and rare songs, and busy and idle users."""
    rng = np.random.default_rng(seed)
    share = level / (1 + np.arange(n_songs)) ** 0.7
    eager = rng.lognormal(0, 1, n_users)
    held = rng.random((n_users, n_songs)) < eager[:, None] * share
    return held[:, rng.permutation(n_songs)]


@pytest.fixture(params=["as chosen", "rare only", "one vector"])
def popular_words(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Send the same data through each way of dividing songs into popular and rare."""
    if request.param != "as chosen":
        most = 0 if request.param == "rare only" else 8
        monkeypatch.setattr(cooccurrence, "_WORDS_MOST", most)
    return str(request.param)


@laws
@given(
    n_users=st.integers(1, 40),
    n_songs=st.integers(1, 30),
    fill=st.floats(0, 1),
    k=st.integers(1, 40),
    threads=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_equals_the_definition(
    popular_words: str, n_users: int, n_songs: int, fill: float, k: int, threads: int, seed: int
) -> None:
    held = np.random.default_rng(seed).random((n_users, n_songs)) < fill
    assert as_rows(top_k_neighbours(csr_array(held), k, threads=threads)) == reference(held, k)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("k", [1, 5, 50, 5000])
def test_equals_the_definition_on_skewed_data(popular_words: str, seed: int, k: int) -> None:
    held = skewed(200, 700, seed)
    assert as_rows(top_k_neighbours(csr_array(held), k, threads=2)) == reference(held, k)


def test_skips_long_lists_without_losing_a_neighbour(monkeypatch: pytest.MonkeyPatch) -> None:
    # Groups of songs held together give rare songs large counts: they must survive the threshold that popular
    # songs set, and be found by looking them up in the lists that were skipped.
    monkeypatch.setattr(cooccurrence, "_WORDS_MOST", 8)
    rng = np.random.default_rng(5)
    held = skewed(400, 700, 5)
    extra = np.zeros((400, 600), np.bool_)
    for group in range(60):
        members = rng.choice(400, 25, replace=False)
        extra[np.ix_(members, range(10 * group, 10 * group + 10))] = rng.random((25, 10)) < 0.8
    held = np.hstack([extra, held])
    for k in (3, 20):
        assert as_rows(top_k_neighbours(csr_array(held), k)) == reference(held, k)


@pytest.mark.parametrize("k", [1, 3, 99])
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (9, 600), (600, 9)])
def test_all_ties_go_to_the_smaller_rows(popular_words: str, shape: tuple[int, int], k: int) -> None:
    held = np.ones(shape, np.bool_)
    assert as_rows(top_k_neighbours(csr_array(held), k)) == reference(held, k)


@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (4, 0), (3, 4)])
def test_nothing_held_gives_empty_rows(shape: tuple[int, int]) -> None:
    found = top_k_neighbours(csr_array(shape, dtype=np.float32), 5)
    assert found.indptr.tolist() == [0] * (shape[1] + 1)
    assert len(found.indices) == len(found.counts) == 0


def test_types_and_storage() -> None:
    found = top_k_neighbours(csr_array(skewed(50, 80, 0)), 4)
    assert (found.indptr.dtype, found.indices.dtype, found.counts.dtype) == (np.int64, np.int32, np.int32)
    assert found.indptr[-1] == len(found.indices) == len(found.counts)


def test_counts_above_sixteen_bits() -> None:
    held = np.zeros((70_000, 4), np.bool_)
    held[:, :2] = True
    held[:66_000, 2] = True
    held[5, 3] = True
    assert as_rows(top_k_neighbours(csr_array(held), 2)) == reference(held, 2)


def test_thread_counts_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cooccurrence, "_BLOCK_LEAST", 500)  # many blocks, although the data is small
    matrix = csr_array(skewed(300, 900, 7))
    one = top_k_neighbours(matrix, 20, threads=1)
    for threads in (2, 5, None):
        other = top_k_neighbours(matrix, 20, threads=threads)
        assert one.indptr.tobytes() == other.indptr.tobytes()
        assert one.indices.tobytes() == other.indices.tobytes()
        assert one.counts.tobytes() == other.counts.tobytes()


def test_unsorted_repeated_and_stored_zero_entries() -> None:
    held = skewed(60, 90, 3)
    rows, columns = np.nonzero(held)
    order = np.random.default_rng(0).permutation(np.repeat(np.arange(len(rows)), 2))
    rows, columns = rows[order], columns[order]
    by_user = np.argsort(rows, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=60))))
    messy = csr_array((np.zeros(len(rows)), columns[by_user], start), shape=held.shape)
    before = messy.indices.copy()
    assert as_rows(top_k_neighbours(messy, 7)) == reference(held, 7)
    assert np.array_equal(messy.indices, before), "the caller's matrix stays as it is"
    messy.has_canonical_format = True  # SciPy takes such a claim on trust
    assert as_rows(top_k_neighbours(messy, 7)) == reference(held, 7)


def test_long_indices_and_spare_room_are_accepted() -> None:
    held = skewed(40, 60, 4)
    matrix = csr_array(held)
    start = matrix.indptr.astype(np.int64)
    columns = np.concatenate((matrix.indices, [0, 0])).astype(np.int64)
    wide = csr_array((np.ones(len(columns)), columns, start), shape=held.shape)
    assert as_rows(top_k_neighbours(wide, 6)) == reference(held, 6)


@pytest.mark.parametrize("value", [0, -1, 1.5, True, None, "3"])
def test_a_bad_k_is_refused(value: object) -> None:
    with pytest.raises(InputError, match=r"^k: "):
        top_k_neighbours(csr_array(np.ones((2, 2))), value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [0, -2, 0.5, False])
def test_bad_threads_are_refused(value: object) -> None:
    with pytest.raises(InputError, match=r"^threads: "):
        top_k_neighbours(csr_array(np.ones((2, 2))), 1, threads=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "matrix", [np.ones((2, 2)), csc_array(np.ones((2, 2))), coo_array(np.ones((2, 2))), None]
)
def test_other_matrices_are_refused(matrix: object) -> None:
    with pytest.raises(InputError, match="csr_array"):
        top_k_neighbours(matrix, 1)
    with pytest.raises(InputError, match="csr_array"):
        user_overlap(matrix, [0])


def test_a_column_out_of_bounds_is_refused() -> None:
    matrix = csr_array(np.ones((2, 2)))
    matrix.indices[1] = 9
    with pytest.raises(InputError, match="not a valid CSR matrix"):
        top_k_neighbours(matrix, 1)


def test_weights_are_divided_in_double_precision_and_rounded_once() -> None:
    held = skewed(120, 40, 1)
    found = top_k_neighbours(csr_array(held), 10)
    degrees = held.sum(axis=0)
    expected = [np.float32(c / int(degrees[a])) for a, row in enumerate(as_rows(found)) for _, c in row]
    assert weights(found, degrees).dtype == np.float32
    assert np.array_equal(weights(found, degrees), np.array(expected, np.float32))


def test_weights_refuse_degrees_that_do_not_fit() -> None:
    found = top_k_neighbours(csr_array(np.ones((3, 2))), 1)
    with pytest.raises(InputError, match="shape"):
        weights(found, [3, 3, 3])
    with pytest.raises(InputError, match="fewer users"):
        weights(found, [3, 2])


@laws
@given(st.integers(0, 20), st.integers(0, 15), st.lists(st.integers(0, 14)), st.integers(0, 2**32 - 1))
def test_overlap_equals_set_intersection(n_users: int, n_songs: int, listed: list[int], seed: int) -> None:
    held = np.random.default_rng(seed).random((n_users, n_songs)) < 0.3
    wanted = [song for song in listed if song < n_songs]
    users, counts = user_overlap(csr_array(held.T), wanted)
    shared = [len(set(wanted) & set(np.flatnonzero(held[u]).tolist())) for u in range(n_users)]
    assert list(zip(users.tolist(), counts.tolist(), strict=True)) == [
        (u, c) for u, c in enumerate(shared) if c
    ]
    assert users.dtype == counts.dtype == np.int32


@pytest.mark.parametrize("listed", [[-1], [4], [0.5], ["0"]])
def test_overlap_refuses_songs_that_are_not_there(listed: list[object]) -> None:
    with pytest.raises(InputError, match="songs"):
        user_overlap(csr_array(np.ones((4, 3))), listed)


def run_fresh(script: str, cache: Path, *folders: Path) -> str:
    """Run a script in a process of its own, with warnings as errors; return what it printed."""
    found = os.pathsep.join(map(str, (Path(cooccurrence.__file__).parents[2], *folders)))
    environment = os.environ | {"ZETDARD_CACHE_DIR": str(cache), "PYTHONPATH": found}
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


def test_numba_is_imported_on_first_use_only(tmp_path: Path) -> None:
    script = "import sys, zetdard.kernels.cooccurrence; print('numba' in sys.modules)"
    assert run_fresh(script, tmp_path) == "False"


KERNEL = """
from zetdard.kernels.cache import compiled, inner

@inner
def square(x):
    return x * x

@compiled("int64(int64)")
def add_one(x):
    return square(x) + 1
"""

CALL = "import kernel; assert kernel.add_one(3) == 10; print(sum(kernel.add_one.stats.cache_hits.values()))"
"""Prints 1 where the compiled kernel came from the folder, 0 where it was compiled."""


def test_a_second_process_loads_what_the_first_compiled(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    cache = tmp_path / "cache"
    assert run_fresh(CALL, cache, tmp_path) == "0"
    assert list(cache.glob("numba/*/*.nbc"))
    assert run_fresh(CALL, cache, tmp_path) == "1"
    (tmp_path / "kernel.py").write_text(KERNEL.replace("x * x", "x * x + 0"))
    assert run_fresh(CALL, cache, tmp_path) == "0", "a changed part has another key"
    assert not list(tmp_path.glob("__pycache__/*.nb?")), "nothing is kept beside the source"


@pytest.mark.parametrize("kind", ["nbc", "nbi"])
def test_a_damaged_file_is_compiled_again(tmp_path: Path, kind: str) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    cache = tmp_path / "cache"
    assert run_fresh(CALL, cache, tmp_path) == "0"
    (path,) = cache.glob(f"numba/*/*.{kind}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert run_fresh(CALL, cache, tmp_path) == "0"
    assert run_fresh(CALL, cache, tmp_path) == "1"


def test_works_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    file = tmp_path / "a file where a folder should be"
    file.write_text("")
    assert run_fresh(CALL, file, tmp_path) == "0"
