"""What hangs on a song or a listener, and the frontier of the crawls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "budgets",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("top", sa.Float(), nullable=True),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("recover_ms", sa.BigInteger(), nullable=False),
        sa.Column("slowed_at", sa.BigInteger(), nullable=True),
        sa.Column("slowed_times", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Text(), nullable=True),
        sa.Column("stopped_url", sa.Text(), nullable=True),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_budgets")),
    )
    op.create_table(
        "pictures",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("of", sa.String(length=300), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "kind", "of", name=op.f("pk_pictures")),
    )
    op.create_table(
        "tasks",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=300), nullable=False),
        sa.Column("cursor", sa.String(length=300), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("led", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tasks")),
        sa.UniqueConstraint("source", "kind", "id", "cursor", name=op.f("uq_tasks_source_kind_id_cursor")),
    )
    op.create_index("ix_tasks_kind", "tasks", ["source", "kind", "state"], unique=False)
    op.create_index(
        "ix_tasks_leased",
        "tasks",
        ["source", "lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "ix_tasks_next",
        "tasks",
        ["source", "priority", "key"],
        unique=False,
        sqlite_where=sa.text("state = 'todo'"),
        postgresql_where=sa.text("state = 'todo'"),
    )
    op.create_table(
        "audio_files",
        sa.Column("song", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("md5", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("preview", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["song"], ["songs.key"], name=op.f("fk_audio_files_song"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("song", "place", name=op.f("pk_audio_files")),
    )
    op.create_table(
        "chart_entries",
        sa.Column("user", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("song", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("plays", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["song"], ["songs.key"], name=op.f("fk_chart_entries_song"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user"], ["users.key"], name=op.f("fk_chart_entries_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user", "song", "period", name=op.f("pk_chart_entries")),
    )
    op.create_index(op.f("ix_chart_entries_song"), "chart_entries", ["song"], unique=False)
    op.create_table(
        "lyrics",
        sa.Column("song", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("translation", sa.Text(), nullable=True),
        sa.Column("romanised", sa.Text(), nullable=True),
        sa.Column("word_times", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["song"], ["songs.key"], name=op.f("fk_lyrics_song"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("song", name=op.f("pk_lyrics")),
    )
    op.create_table(
        "similar_songs",
        sa.Column("song", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("similar", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["similar"], ["songs.key"], name=op.f("fk_similar_songs_similar"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["song"], ["songs.key"], name=op.f("fk_similar_songs_song"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("song", "similar", name=op.f("pk_similar_songs")),
    )
    op.create_index(op.f("ix_similar_songs_similar"), "similar_songs", ["similar"], unique=False)
    op.create_table(
        "suggestions",
        sa.Column("user", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("song", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by", sa.String(length=20), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["song"], ["songs.key"], name=op.f("fk_suggestions_song"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user"], ["users.key"], name=op.f("fk_suggestions_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user", "song", "by", "day", name=op.f("pk_suggestions")),
    )
    op.create_index(op.f("ix_suggestions_song"), "suggestions", ["song"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_suggestions_song"), table_name="suggestions")
    op.drop_table("suggestions")
    op.drop_index(op.f("ix_similar_songs_similar"), table_name="similar_songs")
    op.drop_table("similar_songs")
    op.drop_table("lyrics")
    op.drop_index(op.f("ix_chart_entries_song"), table_name="chart_entries")
    op.drop_table("chart_entries")
    op.drop_table("audio_files")
    op.drop_index(
        "ix_tasks_next",
        table_name="tasks",
        sqlite_where=sa.text("state = 'todo'"),
        postgresql_where=sa.text("state = 'todo'"),
    )
    op.drop_index(
        "ix_tasks_leased",
        table_name="tasks",
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.drop_index("ix_tasks_kind", table_name="tasks")
    op.drop_table("tasks")
    op.drop_table("pictures")
    op.drop_table("budgets")
