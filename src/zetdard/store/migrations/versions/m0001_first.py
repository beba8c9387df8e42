"""The first schema: entities, edges, feedback, imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "artists",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=300), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_artists")),
        sa.UniqueConstraint("source", "id", name=op.f("uq_artists_source_id")),
    )
    op.create_table(
        "imports",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_imports")),
    )
    op.create_table(
        "songs",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=300), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("artists_raw", sa.Text(), nullable=True),
        sa.Column("album", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("popularity", sa.Float(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("recording_mbid", sa.String(length=36), nullable=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_songs")),
        sa.UniqueConstraint("source", "id", name=op.f("uq_songs_source_id")),
    )
    op.create_table(
        "state",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_state")),
    )
    op.create_table(
        "users",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=300), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_users")),
        sa.UniqueConstraint("source", "id", name=op.f("uq_users_source_id")),
    )
    op.create_table(
        "artist_plays",
        sa.Column("user", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("artist", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plays", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artist"], ["artists.key"], name=op.f("fk_artist_plays_artist"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user"], ["users.key"], name=op.f("fk_artist_plays_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user", "artist", name=op.f("pk_artist_plays")),
    )
    op.create_table(
        "comments",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=300), nullable=False),
        sa.Column("song", sa.String(length=300), nullable=False),
        sa.Column("user", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("liked_count", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.key"], name=op.f("fk_comments_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_comments")),
        sa.UniqueConstraint("source", "id", name=op.f("uq_comments_source_id")),
    )
    op.create_index(op.f("ix_comments_source_song"), "comments", ["source", "song"], unique=False)
    op.create_table(
        "feedback",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("user", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("song", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("artist", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["artist"], ["artists.key"], name=op.f("fk_feedback_artist"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["song"], ["songs.key"], name=op.f("fk_feedback_song"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user"], ["users.key"], name=op.f("fk_feedback_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_user"), "feedback", ["user"], unique=False)
    op.create_table(
        "follows",
        sa.Column("user", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("followed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["followed"], ["users.key"], name=op.f("fk_follows_followed"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user"], ["users.key"], name=op.f("fk_follows_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user", "followed", name=op.f("pk_follows")),
    )
    op.create_index(op.f("ix_follows_followed"), "follows", ["followed"], unique=False)
    op.create_table(
        "listens",
        sa.Column("user", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("song", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("played_ms", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["song"], ["songs.key"], name=op.f("fk_listens_song"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user"], ["users.key"], name=op.f("fk_listens_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user", "song", "at", name=op.f("pk_listens")),
    )
    op.create_index(op.f("ix_listens_song"), "listens", ["song"], unique=False)
    op.create_table(
        "playlists",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=300), nullable=False),
        sa.Column("creator", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("play_count", sa.BigInteger(), nullable=True),
        sa.Column("collect_count", sa.BigInteger(), nullable=True),
        sa.Column("comment_count", sa.BigInteger(), nullable=True),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator"], ["users.key"], name=op.f("fk_playlists_creator"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_playlists")),
        sa.UniqueConstraint("source", "id", name=op.f("uq_playlists_source_id")),
    )
    op.create_index(op.f("ix_playlists_creator"), "playlists", ["creator"], unique=False)
    op.create_table(
        "song_artists",
        sa.Column("song", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("artist", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artist"], ["artists.key"], name=op.f("fk_song_artists_artist"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["song"], ["songs.key"], name=op.f("fk_song_artists_song"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("song", "artist", name=op.f("pk_song_artists")),
    )
    op.create_index(op.f("ix_song_artists_artist"), "song_artists", ["artist"], unique=False)
    op.create_table(
        "taggings",
        sa.Column("user", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("artist", sa.String(length=300), nullable=False),
        sa.Column("tag", sa.String(length=500), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.key"], name=op.f("fk_taggings_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user", "artist", "tag", name=op.f("pk_taggings")),
    )
    op.create_table(
        "playlist_songs",
        sa.Column("playlist", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("song", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["playlist"], ["playlists.key"], name=op.f("fk_playlist_songs_playlist"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["song"], ["songs.key"], name=op.f("fk_playlist_songs_song"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("playlist", "song", name=op.f("pk_playlist_songs")),
    )
    op.create_index(op.f("ix_playlist_songs_song"), "playlist_songs", ["song"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("user", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("playlist", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["playlist"], ["playlists.key"], name=op.f("fk_subscriptions_playlist"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user"], ["users.key"], name=op.f("fk_subscriptions_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user", "playlist", name=op.f("pk_subscriptions")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("subscriptions")
    op.drop_index(op.f("ix_playlist_songs_song"), table_name="playlist_songs")
    op.drop_table("playlist_songs")
    op.drop_table("taggings")
    op.drop_index(op.f("ix_song_artists_artist"), table_name="song_artists")
    op.drop_table("song_artists")
    op.drop_index(op.f("ix_playlists_creator"), table_name="playlists")
    op.drop_table("playlists")
    op.drop_index(op.f("ix_listens_song"), table_name="listens")
    op.drop_table("listens")
    op.drop_index(op.f("ix_follows_followed"), table_name="follows")
    op.drop_table("follows")
    op.drop_index(op.f("ix_feedback_user"), table_name="feedback")
    op.drop_table("feedback")
    op.drop_index(op.f("ix_comments_source_song"), table_name="comments")
    op.drop_table("comments")
    op.drop_table("artist_plays")
    op.drop_table("users")
    op.drop_table("state")
    op.drop_table("songs")
    op.drop_table("imports")
    op.drop_table("artists")
