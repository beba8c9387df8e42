"""``context-vae``: it learns who holds what, and a context helps where histories are short and regions differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from models.conformance import LONELY_USER, ModelConformance, interactions_of, random_matrix, state_bytes
from zetdard.data.features import FeatureBlock
from zetdard.data.interactions import Histories
from zetdard.data.regions import region_block
from zetdard.data.vocabulary import Vocabulary
from zetdard.errors import InputError
from zetdard.models.base import TrainingData, Workshop, wanted_user_features
from zetdard.models.context_vae import ContextVae, ContextVaeConfig
from zetdard.models.deep.listening_vae import Annealing, ListeningVae, Reconstruction, arrays_of

SMALL = {"hidden": 12, "code": 6, "epochs": 4, "annealing": 3}
PLACES = ("north", "south", "", "west")


def small(**settings: object) -> ContextVae:
    return ContextVae(ContextVaeConfig(**{**SMALL, **settings}))  # type: ignore[arg-type]  # settings by their names


def with_places(matrix: np.ndarray, seed: int = 0) -> TrainingData:
    """Everybody lives somewhere; of one in four nobody knows where."""
    interactions = interactions_of(matrix)
    regions = [PLACES[row % len(PLACES)] for row in range(len(matrix))]
    block = region_block(interactions.users, regions)
    numbers = np.where(block.known[:, None], np.arange(len(matrix))[:, None] % 4 - 1.0, 0).astype(np.float32)
    culture = FeatureBlock(interactions.users, numbers, ("happiness",), present=block.present)
    return TrainingData(interactions, user_features={"region": block, "culture": culture}, seed=seed)


class TestContextVae(ModelConformance):
    model_class = ContextVae

    def make(self) -> ContextVae:
        return small(context=("archetypes", "region", "culture"))

    def data(self, matrix: np.ndarray, seed: int = 0) -> TrainingData:
        return with_places(matrix, seed)


class TestWithoutContext(ModelConformance):
    model_class = ContextVae

    def make(self) -> ContextVae:
        return small()


def test_it_scores_as_the_network_does() -> None:
    torch.manual_seed(1)
    network = ListeningVae(9, 5, 4, 3).eval()
    with torch.no_grad():
        for tensor in network.parameters():
            tensor.normal_()
    data = with_places(random_matrix()[:, :9])
    model = small(hidden=5, code=4)
    contexts = np.random.default_rng(0).normal(size=(24, 3)).astype(np.float32)
    model.restore(
        {
            "n_items": np.array([9]),
            "items": np.arange(9, dtype=np.int32),
            "contexts": contexts,
            "curve": np.zeros((0, 2), np.float32),
            **arrays_of(network),
        }
    )
    held = data.interactions.matrix.toarray()
    with torch.no_grad():
        logits, _ = network(torch.from_numpy(held), torch.from_numpy(contexts))
    expected = torch.softmax(logits, dim=1).numpy() * (held.sum(axis=1, keepdims=True) > 0)
    found = model.score(Histories.of_users(data.interactions, np.arange(24)))
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-9)
    assert not found[LONELY_USER].any()


def test_the_loss_is_the_multinomial_one() -> None:
    """−Σ log softmax over the items held, and β times the divergence, whose weight rises in a line."""
    network = ListeningVae(4, 3, 2, 0, dropout=0.0)
    held = np.array([[1, 1, 0, 0], [0, 0, 1, 0]], np.float32)
    none = np.zeros((2, 0), np.float32)
    lesson = Reconstruction(csr_array(held), none, None, network, Annealing(most=0.5, epochs=2), 2)
    for epoch, beta in enumerate((0.0, 0.25, 0.5, 0.5)):
        torch.manual_seed(epoch)
        (found,) = lesson.losses(np.random.default_rng(0))
        torch.manual_seed(epoch)
        # The lesson's order of listeners: the noise of the code is drawn for them in it.
        order = np.random.default_rng(0).permutation(2)
        logits, divergence = network(torch.from_numpy(held[order]), torch.zeros(2, 0))
        powers = torch.exp(logits)
        chances = powers / powers.sum(dim=1, keepdim=True)
        likelihood = (torch.log(chances) * torch.from_numpy(held[order])).sum(dim=1)
        torch.testing.assert_close(found, (beta * divergence - likelihood).mean())


def test_the_divergence_is_that_from_the_standard_normal() -> None:
    """Of a code N(μ, s²) of one number: (s² + μ² − 1 − log s²) / 2."""
    network = ListeningVae(1, 1, 1, 0).eval()
    with torch.no_grad():
        network.coder.weight.zero_()
        network.coder.bias.copy_(torch.tensor([3.0, np.log(4.0)]))
    _, divergence = network(torch.ones(1, 1), torch.zeros(1, 0))
    assert divergence.item() == pytest.approx((4 + 9 - 1 - np.log(4)) / 2)


def two_tastes(users: int = 120, items: int = 40, seed: int = 0) -> np.ndarray:
    """Draw listeners who hold six items of one half of the catalogue; whose half: row modulo 2."""
    random = np.random.default_rng(seed)
    matrix = np.zeros((users, items), np.float32)
    for row in range(users):
        half = np.arange(items // 2) + items // 2 * (row % 2)
        matrix[row, random.choice(half, 6, replace=False)] = 1
    return matrix


LEARNING = {
    "hidden": 30,
    "code": 10,
    "epochs": 60,
    "annealing": 20,
    "batch": 40,
    "learning_rate": 0.01,
    "beta": 0.2,
    "dropout": 0.5,
}


def test_it_finds_the_other_items_of_a_taste() -> None:
    data = TrainingData(interactions_of(two_tastes()))
    scores = small(**LEARNING).fit(data).score(Histories.of_items(np.array([1, 3]), 40))[0]
    assert set(np.argsort(-scores)[:20].tolist()) == set(range(20))
    assert scores.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("context", ["region", "archetypes", "culture"])
def test_who_holds_what_says_nothing_of_is_told_by_where_they_live(context: str) -> None:
    """Item 40 is held by all: only the region tells which half a listener of it alone likes."""
    matrix = np.hstack([two_tastes(), np.ones((120, 1), np.float32)])
    matrix[:2, :40] = 0  # these two hold item 40 alone
    interactions = interactions_of(matrix)
    regions = [f"place {row % 4}" for row in range(120)]  # four places, two tastes
    region = region_block(interactions.users, regions)
    happy = np.where(np.arange(120) % 2, 1.0, -1.0).astype(np.float32)[:, None]
    culture = FeatureBlock(interactions.users, happy, ("happiness",))
    data = TrainingData(interactions, user_features={"region": region, "culture": culture})
    model = small(context=(context,), **LEARNING).fit(data)
    scores = model.score(Histories.of_users(interactions, np.array([0, 1])))
    low, high = scores[:, :20].sum(axis=1), scores[:, 20:40].sum(axis=1)
    assert low[0] > 2 * high[0]
    assert high[1] > 2 * low[1]
    # The same item, and nobody knows where they live: neither half.
    unknown = model.score(Histories.of_items(np.array([40]), 41))[0]
    assert 0.6 < unknown[:20].sum() / unknown[20:40].sum() < 1.6


def test_archetypes_are_regions_that_listen_alike() -> None:
    interactions = interactions_of(two_tastes())
    region = region_block(interactions.users, [f"place {row % 4}" for row in range(120)])
    data = TrainingData(interactions, user_features={"region": region})
    contexts = small(context=("archetypes",)).fit(data).state()["contexts"]
    assert contexts.shape == (120, 2)  # √4
    np.testing.assert_allclose(contexts.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(contexts.std(axis=0), 2**-0.5, atol=1e-5)  # together of length 1
    apart = np.linalg.norm(contexts[:4, None] - contexts[None, :4], axis=2)
    # Places 0 and 2 have one taste, places 1 and 3 the other.
    assert apart[0, 2] < 0.5 * apart[0, 1]
    assert apart[1, 3] < 0.5 * apart[1, 2]


def test_a_context_of_which_nothing_is_known_is_none() -> None:
    plain, asked = small(context=()), small()
    data = TrainingData(interactions_of(random_matrix()))
    nowhere = replace(data, user_features={"region": region_block(data.interactions.users, [""] * 24)})
    expected = state_bytes(plain.fit(data))
    assert state_bytes(asked.fit(data)) == expected
    assert state_bytes(asked.fit(nowhere)) == expected
    assert wanted_user_features(asked) == ("region", "culture")


def test_features_of_other_users_are_refused() -> None:
    others = region_block(Vocabulary(["a", "b"]), ["x", "y"])
    data = TrainingData(interactions_of(random_matrix()), user_features={"region": others})
    with pytest.raises(InputError, match="the region features are of other users"):
        small().fit(data)


def test_a_training_that_was_stopped_goes_on_with_the_same_bytes(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weight of the divergence goes on rising where it was."""
    from zetdard.models.deep import training

    monkeypatch.setattr(training, "_CHECKPOINT_S", -1.0)
    data = with_places(random_matrix())
    expected = state_bytes(small().fit(data))
    calls = 0
    losses = Reconstruction.losses

    def stopping(self: Reconstruction, random: np.random.Generator) -> object:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return losses(self, random)

    monkeypatch.setattr(Reconstruction, "losses", stopping)
    workshop = Workshop(folder=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        small().fit(replace(data, workshop=workshop))
    assert state_bytes(small().fit(replace(data, workshop=workshop))) == expected
    assert calls == 3 + 2  # two of four epochs were done


def test_it_stops_by_hidden_items_where_there_are_enough_listeners() -> None:
    few = small().fit(TrainingData(interactions_of(two_tastes(100)))).state()["curve"]
    many = small().fit(TrainingData(interactions_of(two_tastes(400)))).state()["curve"]
    assert np.isnan(few[:, 1]).all()
    assert ((many[:, 1] >= 0) & (many[:, 1] <= 1)).all()


def test_its_layers_are_those_of_what_was_learned() -> None:
    model = small(context=("region",)).fit(with_places(random_matrix()))
    shapes = {layer.name: layer.shape for layer in model.layers()}
    assert shapes == {"encoder": (12,), "coder": (12,), "gate": (6,), "shift": (6,), "decoder": (29,)}
    assert "gate" not in {layer.name for layer in small().layers()}
