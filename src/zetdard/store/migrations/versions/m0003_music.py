"""Listeners' own files, and which songs are the same recording."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "music_files",
        sa.Column("playlist", _KEY, nullable=False),
        sa.Column("uri_sha256", sa.String(length=64), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=False),
        sa.Column("song", _KEY, nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["playlist"], ["playlists.key"], name=op.f("fk_music_files_playlist"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["song"], ["songs.key"], name=op.f("fk_music_files_song"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("playlist", "uri_sha256", name=op.f("pk_music_files")),
    )
    op.create_index(op.f("ix_music_files_song"), "music_files", ["song"], unique=False)
    op.create_table(
        "song_matches",
        sa.Column("song", _KEY, nullable=False),
        sa.Column("other", _KEY, nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["other"], ["songs.key"], name=op.f("fk_song_matches_other"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["song"], ["songs.key"], name=op.f("fk_song_matches_song"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("song", "other", name=op.f("pk_song_matches")),
    )
    op.create_index(op.f("ix_song_matches_other"), "song_matches", ["other"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("song_matches")
    op.drop_table("music_files")
