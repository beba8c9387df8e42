"""``login`` and ``netease-api``."""

from __future__ import annotations

import io
import sys
from getpass import getpass
from pathlib import Path
from typing import TextIO

import typer

from zetdard import registry
from zetdard.errors import InputError
from zetdard.settings import read_settings
from zetdard.surfaces.cli.options import notices
from zetdard.surfaces.cli.progress import TerminalProgress
from zetdard.surfaces.cli.text import print_json, printable


def run_login(
    home: Path | None,
    *,
    qr: bool,
    cookie_file: Path | None,
    logout: bool,
    show_status: bool,
    json: bool,
    api_server: str | None = None,
    sandbox: str | None = None,
) -> None:
    """Log in to NetEase, log out, or say who is logged in.

    Args:
        home: The home, where it is not the setting's.
        qr: Log in by a QR code, drawn on standard error.
        cookie_file: Read the cookie from this file; without it, and without ``qr``, it is asked for, unseen.
        logout: Forget the login.
        show_status: Ask the service who is logged in.
        json: Write one JSON document.
        api_server: Address of a Node API server to go through.
        sandbox: Address of the invented NetEase, to log in there.
    """
    if sum((qr, cookie_file is not None, logout, show_status)) > 1:
        raise typer.BadParameter("one of --qr, --cookie-file, --logout and --status at a time")
    settings = read_settings(home=home)
    if logout:
        _say_logged_out(registry.netease_log_out(settings, invented=sandbox is not None), json=json)
        return
    desk = registry.netease_login(registry.netease_service(settings, sandbox=sandbox, api_server=api_server))
    with notices():
        if show_status:
            found = desk.status()
        elif qr:
            found = desk.scan(_draw, _tell)
        elif cookie_file is not None:
            found = desk.paste_file(cookie_file)
        else:
            found = desk.paste(_ask())
    if json:
        who = {"user": found.user_id, "nickname": found.nickname} if found else {}
        print_json({"logged_in": found is not None, **who})
    elif found is None:
        print("nobody is logged in")
    else:
        print(f"logged in as {printable(found.nickname)} [{found.user_id}]")


def _say_logged_out(there_was_one: bool, *, json: bool) -> None:
    if json:
        print_json({"logged_in": False, "was_logged_in": there_was_one})
    else:
        print("logged out here" if there_was_one else "nobody was logged in")


def _ask() -> str:
    """Ask for the cookie without showing it. It is no argument: arguments are seen by everybody on the machine."""
    if not _at_a_terminal():
        raise InputError("there is no terminal to ask at: use --cookie-file FILE or --qr")
    try:
        text = getpass("MUSIC_U (the cookie of music.163.com, not shown): ", stream=sys.stderr)
    except EOFError:
        text = ""
    if not text.strip():
        raise InputError("nothing was pasted")
    return text


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _draw(address: str) -> None:
    draw_code(address, sys.stderr)
    _tell(
        "scan this with NetEase Cloud Music on your phone, and confirm there; it is valid for about 3 minutes"
    )


def draw_code(address: str, out: TextIO) -> None:
    """Draw a QR code with its quiet zone; half blocks where the encoding has them, else whole ones."""
    import segno

    code = segno.make(address, micro=False)
    if not (out.encoding or "").lower().startswith("utf"):
        code.terminal(out=out, border=4)
    else:
        drawn = io.StringIO()
        code.terminal(out=drawn, border=4, compact=True)
        # With colours of its own the code is dark on light on every terminal; some scanners read nothing else.
        begin, end = ("\033[97;40m", "\033[0m") if out.isatty() else ("", "")
        out.writelines(f"{begin}{line}{end}\n" for line in drawn.getvalue().splitlines())
    print(address, file=out, flush=True)


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def run_netease_api(
    home: Path | None, *, port: int, install_only: bool, sandbox: str | None = None, json: bool = False
) -> None:
    """Install the Node API server where it is missing, and run it until Ctrl-C.

    Args:
        home: The home, where it is not the setting's.
        port: Where it listens on this machine; 0 = any free port.
        install_only: Do not start it.
        sandbox: Address of the invented NetEase that it is to ask.
        json: Write one JSON document: ``{"url": …}``, or ``{"installed": …}``.
    """
    settings = read_settings(home=home)
    if install_only:
        with TerminalProgress() as progress:
            folder = registry.netease_api_install(settings.home, progress)
        if json:
            print_json({"installed": str(folder)})
        else:
            print(f"installed in {printable(str(folder))}")
        return
    service = registry.netease_service(settings, sandbox=sandbox)
    with TerminalProgress() as progress:
        # Before the server's own context, so that no progress line is on the terminal while it runs.
        registry.netease_api_install(settings.home, progress)
    with registry.netease_api_server(settings.home, service, port=port) as server:
        if json:
            print_json({"url": server.url})
        else:
            print(f"the API server listens at {server.url}")
            print(f"use it from another terminal: zetdard crawl --api-server {server.url} …")
            print("Ctrl-C ends it")
        sys.stdout.flush()
        server.wait()
