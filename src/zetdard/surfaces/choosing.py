"""From words to what they mean: kinds, verdicts, models and their settings; with a clear error where they mean nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import ValidationError

from zetdard import registry
from zetdard.errors import InputError, UnknownEntityError
from zetdard.models.base import Model
from zetdard.recommend.query import Kind

Choice = TypeVar("Choice", bound=StrEnum)


def chosen(choices: type[Choice], word: str) -> Choice:
    """Return the choice that a word names.

    Raises:
        InputError: It names none; the message lists those there are.
    """
    try:
        return choices(word)
    except ValueError:
        raise InputError(f"{word!r} is none of: {', '.join(choice.value for choice in choices)}") from None


def make_model(name: str, settings: Mapping[str, Any] | None = None) -> Model:
    """Return a model that has not learned yet, by its name.

    Args:
        name: Its name, as ``zetdard train --help`` lists them.
        settings: Config values besides the defaults.

    Raises:
        UnknownEntityError: There is no such model.
        InputError: A setting is unknown, or its value is not allowed.
    """
    try:
        return registry.make_model(name, settings)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(registry.model_settings(name)) or "none"
            raise InputError(f"the model {name} has no setting {place!r}; there are: {known}") from None
        raise InputError(f"setting {place!r} of the model {name}: {first['msg']}") from None


def settings_of(texts: Sequence[str]) -> dict[str, Any]:
    """Read ``folds=5``, ``strict=true``, ``blocks=["musicnn"]`` …: a model's settings, values as JSON or else as words.

    Raises:
        InputError: One is something else, or a setting is named twice.
    """
    settings: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise InputError(f"a setting is written like folds=5, not {text!r}")
        if name in settings:
            raise InputError(f"the setting {name!r} is named twice")
        try:
            settings[name] = json.loads(value)
        except ValueError:
            settings[name] = value
    return settings


def default_model(kind: Kind) -> str:
    """Return what recommends a kind of thing where nobody chooses."""
    return registry.DEFAULT_PEOPLE_MODEL if kind is Kind.FRIENDS else registry.DEFAULT_MODEL


def measured_by_default(kind: Kind) -> list[str]:
    """Return what is measured where nobody chooses: all that need no features, but the controls."""
    known = registry.PEOPLE_MODELS if kind is Kind.FRIENDS else registry.MODELS
    return [name for name in known if name not in registry.CONTROLS]


def check_model(kind: Kind, name: str) -> None:
    """Refuse a model that recommends something else, or nothing.

    Raises:
        UnknownEntityError: The message lists those there are.
    """
    known = _known(kind)
    if name not in known:
        raise UnknownEntityError(f"no model {name!r} recommends {kind.value}; there are: {', '.join(known)}")


def _known(kind: Kind) -> Mapping[str, registry.Entry]:
    match kind:
        case Kind.FRIENDS:
            return {**registry.PEOPLE_MODELS, **registry.TASTE_MODELS}
        case Kind.ARTISTS:
            return {**registry.MODELS, **registry.TASTE_MODELS}
        case Kind.SONGS:
            return {**registry.MODELS, **registry.SONG_MODELS, **registry.TASTE_MODELS}
