"""The commands that talk to NetEase, the real and the invented one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zetdard.surfaces.cli.options import DatabaseOption, HomeOption, JsonOption, command, opened

services = typer.Typer(rich_markup_mode=None)

SANDBOX_URL = "http://127.0.0.1:8165"

SandboxUrlOption = Annotated[
    str, typer.Option("--sandbox-url", metavar="URL", help="Where the invented NetEase is.")
]


@services.command(
    help="Visit NetEase Cloud Music and store what is found: playlists, songs, artists, words, comments, people.\n\n"
    "Give the same command again to go on; without a beginning it goes on with what waits.",
    epilog="All kinds of visits, what leads where, and what is polite: docs/crawling.md.",
)
@command
def crawl(
    me: Annotated[
        bool, typer.Option("--me", help="Begin with whoever is logged in; what is nearest comes first.")
    ] = False,
    user: Annotated[list[str] | None, typer.Option("--user", help="Begin with a person's id.")] = None,
    nickname: Annotated[
        list[str] | None, typer.Option("--nickname", help="Begin with a person's name.")
    ] = None,
    playlist: Annotated[
        list[str] | None, typer.Option("--playlist", help="Begin with a playlist's id.")
    ] = None,
    artist_list: Annotated[
        bool, typer.Option("--artist-list", help="Begin with the service's list of artists.")
    ] = False,
    depth: Annotated[
        int, typer.Option("--depth", min=0, help="Steps from person to person, over who follows whom.")
    ] = 1,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that make visits.")] = 1,
    rate: Annotated[
        float,
        typer.Option("--rate", min=0, help="Requests a second of all workers together; 0 = any number."),
    ] = 2.0,
    audio: Annotated[bool, typer.Option("--audio", help="Also the sound of songs.")] = False,
    previews: Annotated[
        bool,
        typer.Option("--previews", help="With --audio: excerpts, where the whole song is not to be had."),
    ] = False,
    images: Annotated[bool, typer.Option("--images", help="Also album covers and avatars.")] = False,
    also: Annotated[
        list[str] | None, typer.Option("--with", metavar="KIND", help="Also visits of this kind.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="KIND", help="No visits of this kind.")
    ] = None,
    limit: Annotated[
        list[str] | None, typer.Option("--limit", metavar="KIND=N", help="At most N visits of a kind.")
    ] = None,
    comment_pages: Annotated[
        int, typer.Option("--comment-pages", min=1, help="At most so many pages of 100 comments a song.")
    ] = 5,
    artist_pages: Annotated[
        int,
        typer.Option("--artist-pages", min=1, help="With --artist-list: at most so many pages of 100."),
    ] = 10,
    refresh: Annotated[
        str | None,
        typer.Option("--refresh", metavar="AGE", help="Visit again what is older: 7d, 12h, 30m."),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what was given up.")
    ] = False,
    unblock: Annotated[
        bool, typer.Option("--unblock", help="Go on after a stop, when you have done what it asked for.")
    ] = False,
    api_server: Annotated[
        str | None, typer.Option("--api-server", metavar="URL", help="Go through a Node API server.")
    ] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Visit the invented NetEase of zetdard sandbox.")
    ] = False,
    sandbox_url: SandboxUrlOption = SANDBOX_URL,
    blobs: Annotated[
        Path | None,
        typer.Option(
            "--blobs", help="Folder of sound and images; machines may share one. [default: in home]"
        ),
    ] = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Visit NetEase Cloud Music and store what is found."""
    from zetdard.surfaces.cli.crawling import display, read_age, read_limits, show_crawl

    more = {"audio": audio, "picture": images}
    wishes = {
        "depth": depth,
        "workers": workers,
        "rate": rate,
        "also": [*(also or ()), *(kind for kind, wanted in more.items() if wanted)],
        "without": without or (),
        "limits": read_limits(limit or ()),
        "comment_pages": comment_pages,
        "artist_pages": artist_pages,
        "previews": previews,
        "refresh_ms": None if refresh is None else read_age(refresh),
        "retry_failed": retry_failed,
        "unblock": unblock,
        "api_server": api_server,
        "sandbox": sandbox_url if sandbox else None,
        "blobs": blobs,
    }
    with opened(home, database) as zetdard, display() as watch:
        report = zetdard.crawl(
            me=me,
            users=user or (),
            nicknames=nickname or (),
            playlists=playlist or (),
            artist_list=artist_list,
            watch=watch,
            **wishes,
        )
    show_crawl(report, json=json)


@services.command()
@command
def login(
    qr: Annotated[bool, typer.Option("--qr", help="Scan a QR code with the NetEase app.")] = False,
    cookie_file: Annotated[
        Path | None, typer.Option("--cookie-file", help="Read the cookie MUSIC_U from this file.")
    ] = None,
    show_status: Annotated[bool, typer.Option("--status", help="Say who is logged in.")] = False,
    logout: Annotated[bool, typer.Option("--logout", help="Forget the login.")] = False,
    api_server: Annotated[
        str | None, typer.Option("--api-server", metavar="URL", help="Go through a Node API server.")
    ] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Log in to the invented NetEase of zetdard sandbox.")
    ] = False,
    sandbox_url: SandboxUrlOption = SANDBOX_URL,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Log in to NetEase; without an option, paste the cookie MUSIC_U at a prompt. It is kept for you alone."""
    del database  # every command takes one; the login is kept in the home
    from zetdard.surfaces.cli.netease import run_login

    run_login(
        home,
        qr=qr,
        cookie_file=cookie_file,
        logout=logout,
        show_status=show_status,
        json=json,
        api_server=api_server,
        sandbox=sandbox_url if sandbox else None,
    )


@services.command("netease-api")
@command
def netease_api(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Where it listens; 0 = any free port.")
    ] = 3000,
    install_only: Annotated[bool, typer.Option("--install-only", help="Install it, do not run it.")] = False,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Let it ask the invented NetEase of zetdard sandbox.")
    ] = False,
    sandbox_url: SandboxUrlOption = SANDBOX_URL,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Install the Node API server NeteaseCloudMusicApi into the home, and run it on 127.0.0.1 until Ctrl-C."""
    del database  # every command takes one; the server is kept in the home
    from zetdard.surfaces.cli.netease import run_netease_api

    run_netease_api(
        home,
        port=port,
        install_only=install_only,
        sandbox=sandbox_url if sandbox else None,
        json=json,
    )


@services.command()
@command
def sandbox(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Where it listens; 0 = any free port.")
    ] = 8165,
    scale: Annotated[str, typer.Option("--scale", help="The world: small, thesis or taste.")] = "small",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the world.")] = 7,
    export: Annotated[
        Path | None, typer.Option("--export", metavar="DIR", help="Write down the truth instead of serving.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="JSON: how it misbehaves.")
    ] = None,
    home: HomeOption = None,
    database: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Serve an INVENTED NetEase on 127.0.0.1, to try the crawler and to test it. Nobody in it is real."""
    del home, database  # every command takes them; the invented world is kept nowhere
    from zetdard.surfaces.cli.sandbox import run_sandbox

    run_sandbox(port=port, scale=scale, seed=seed, export=export, plan=plan, json=json)
