"""Settings, read once at a surface and passed down as values.

Every setting can be given as an environment variable ``ZETDARD_<NAME>``, a list as words with commas between; the command line's ``--home`` and
``--database`` win over it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from zetdard.errors import InputError
from zetdard.records import Relation


class _Environment(EnvSettingsSource):
    """Reads a list as words with commas between them, or as JSON."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Return the value of a variable that holds a list."""
        if value.lstrip().startswith("["):
            return super().decode_complex_value(field_name, field, value)
        return [word.strip() for word in value.split(",")]


class Settings(BaseSettings):
    """Where things lie and what counts.

    Attributes:
        home: Folder of the database, the arrays and the models.
        database: SQLAlchemy URL; ``None`` = SQLite in ``home``.
        relations: Which edges user–song count as "holds". By default what a listener chose or played: songs of
            their own playlists, liked songs, plays. A collected playlist of somebody else counts only when
            ``subscribed`` is named here, because a followed chart of a thousand songs says little about taste.
        seed: Seed of everything random.
        threads: Threads of the compiled kernels; ``None`` = one for each core.
        excerpts: Which parts of recordings are heard: ``5x10`` = five excerpts of ten seconds each, spread evenly; ``None``
            = the whole. Features of either are kept apart.
        blobs: Folder of sound and images; ``None`` = in ``home``. Machines that share a database may share it.
        netease_web: Address of NetEase's web endpoints.
        netease_interface: Address of NetEase's client endpoints.
        netease_modulus: RSA modulus of the web endpoints' encryption, hexadecimal; ``None`` = NetEase's own.
        netease_exponent: RSA exponent that goes with it.
        netease_api: Address of a Node API server to ask instead; ``None`` = ask NetEase directly.
    """

    model_config = SettingsConfigDict(
        env_prefix="ZETDARD_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("zetdard"))
    database: str | None = None
    relations: tuple[Relation, ...] = Field((Relation.OWN, Relation.LIKED, Relation.LISTENED), min_length=1)
    seed: int = Field(default=0, ge=0, lt=2**32)
    threads: int | None = Field(default=None, ge=1)
    excerpts: str | None = Field(default=None, pattern=r"^[1-9]\d?x[1-9]\d{0,3}$")
    blobs: Path | None = None
    netease_web: str = "https://music.163.com"
    netease_interface: str = "https://interface.music.163.com"
    netease_modulus: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64,}$")
    netease_exponent: int = Field(default=0x10001, ge=3)
    netease_api: str | None = None

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        try:
            return home.expanduser().absolute()
        except RuntimeError as error:
            raise ValueError(f"{home}: {error}") from None

    @field_validator("netease_web", "netease_interface", "netease_api")
    @classmethod
    def _an_address(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", address):
            raise ValueError(f"{address!r} is not an address like https://host or http://host:port")
        return None if address is None else address.rstrip("/")

    @field_validator("home")
    @classmethod
    def _no_question_mark(cls, home: Path) -> Path:
        # The database's URL would end there, and the database would lie elsewhere without a word.
        if "?" in str(home):
            raise ValueError("the folder's path must not contain a question mark")
        return home

    @property
    def blobs_folder(self) -> Path:
        """The folder of sound and images, with the default filled in."""
        return self.blobs or self.home / "blobs"

    @property
    def database_url(self) -> str:
        """The database's URL, with the default filled in."""
        return self.database or own_database(self.home)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what is given and then the environment, and nothing else."""
        return init_settings, _Environment(settings_cls)


def own_database(home: Path) -> str:
    """Return the URL of the database that lies in a home, whatever the environment names."""
    from sqlalchemy import URL  # only where a database is opened: it takes long to load

    # Written by SQLAlchemy, which reads it too: a percent sign in the path means different things to it.
    return URL.create("sqlite", database=str(home / "zetdard.sqlite3")).render_as_string(hide_password=False)


def read_settings(*, home: Path | None = None, database: str | None = None) -> Settings:
    """Read the environment; what is given here wins.

    Raises:
        InputError: A setting is not valid.
    """
    given: dict[str, object] = {}
    if home is not None:
        given["home"] = home
    if database is not None:
        given["database"] = database
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InputError(f"setting {name}: {first['msg']}") from None
    except SettingsError as error:
        # A list that begins like JSON and is none.
        raise InputError(f"{error}; write words with commas between them") from None
