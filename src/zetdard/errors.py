"""The exception tree: every error that ZetDard raises on purpose.

::

    ZetDardError                what a surface shows as one clear line (exit code 1)
    ├── InputError              an argument or a record breaks the stated contract
    │   └── FormatError         a file breaks its documented format; carries file, line and reason
    ├── UnknownEntityError      a user, song, artist or model that is not there
    │   └── AmbiguousIdError    an id that several sources use: qualify it as ``source:id``
    ├── NoDataError             the question is sound, but the store holds nothing to answer it with
    ├── NotFittedError          a model was asked before it had learned
    ├── ArtifactError           a saved model or array is missing, damaged or of another version
    ├── StoreError              the database cannot be opened, read or written
    ├── RefusalError            a service did not give what it was asked for
    │   ├── NeedsLoginError     only somebody who is logged in may see it
    │   ├── ForbiddenError      it is there, but not for us (a private playlist)
    │   ├── GoneError           it is not there (any more)
    │   ├── NoRightsError       the service may not play this song to us
    │   ├── PreviewOnlyError    the service gives only an excerpt of this song
    │   ├── RejectedRequestError    the service does not accept the request as it was put
    │   ├── SlowDownError       we ask too often: ask less often from now on
    │   ├── BlockedError        the service takes us for abusive: stop, and let a person decide
    │   │   └── RiskCheckError  a person must pass a check first; carries its address
    │   ├── UnavailableError    no answer now: the network, a time limit, the service's own failure
    │   └── UnreadableReplyError    an answer that is not what the service documents; carries the JSON path
    ├── CrawlStoppedError       a crawl cannot go on before a person has done something
    └── MissingExtraError       an optional part is not installed; names the extra
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class ZetDardError(Exception):
    """Base of every error raised on purpose; its text is meant for a person."""


class InputError(ZetDardError):
    """An argument or a record breaks the stated contract."""


class FormatError(InputError):
    """A file breaks its documented format.

    Args:
        reason: What is wrong, in one sentence without a final full stop.
        path: The file, where one is known.
        line: The line number, counted from 1, where one is known.
    """

    def __init__(self, reason: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        self.reason = reason
        self.path = path
        self.line = line
        place = ":".join(str(part) for part in (path, line) if part is not None)
        super().__init__(f"{place}: {reason}" if place else reason)


class UnknownEntityError(ZetDardError):
    """A user, song, artist or model that is not there."""


class AmbiguousIdError(UnknownEntityError):
    """An id that several sources use; qualify it as ``source:id``."""


class NoDataError(ZetDardError):
    """The question is sound, but nothing is stored to answer it with."""


class NotFittedError(ZetDardError):
    """A model was asked before it had learned."""


class ArtifactError(ZetDardError):
    """A saved model or array is missing, damaged or of another version."""


class StoreError(ZetDardError):
    """The database cannot be opened, read or written."""


class RefusalError(ZetDardError):
    """A service did not give what it was asked for.

    Args:
        reason: What it said, in one sentence without a final full stop.
        code: The service's own code, where it states one.
    """

    def __init__(self, reason: str, *, code: int | None = None) -> None:
        self.reason = reason
        self.code = code
        super().__init__(reason if code is None else f"{reason} (code {code})")


class NeedsLoginError(RefusalError):
    """Only somebody who is logged in may see it."""


class ForbiddenError(RefusalError):
    """It is there, but not for us."""


class GoneError(RefusalError):
    """It is not there, or not any more."""


class NoRightsError(RefusalError):
    """The service may not play this song to us."""


class PreviewOnlyError(RefusalError):
    """The service gives only an excerpt of this song."""


class RejectedRequestError(RefusalError):
    """The service does not accept the request as it was put; asking again in the same words is of no use."""


class SlowDownError(RefusalError):
    """We ask too often."""


class BlockedError(RefusalError):
    """The service takes us for abusive: nothing may be asked any more until a person has decided."""


class RiskCheckError(BlockedError):
    """A person must pass a check in a browser first.

    Args:
        reason: What the service said.
        code: The service's own code.
        url: Address of the check, where the service states one.
    """

    def __init__(self, reason: str, *, code: int | None = None, url: str | None = None) -> None:
        super().__init__(reason, code=code)
        self.url = url


class UnavailableError(RefusalError):
    """No answer now: the network, a time limit, or the service's own failure. Later it may be there."""


class UnreadableReplyError(RefusalError):
    """An answer that is not what the service documents.

    Args:
        reason: What is wrong.
        path: Where in the reply, as a JSON path: ``$.playlist.trackIds[3].id``.
        code: The service's own code, where it states one.
    """

    def __init__(self, reason: str, *, path: str = "$", code: int | None = None) -> None:
        self.path = path
        super().__init__(f"{path}: {reason}", code=code)


class CrawlStoppedError(ZetDardError):
    """A crawl cannot go on before a person has done something."""


class MissingExtraError(ZetDardError):
    """An optional part is not installed.

    Args:
        extra: Name of the extra, for example ``audio``.
        purpose: What it is needed for.
    """

    def __init__(self, extra: str, purpose: str) -> None:
        self.extra = extra
        super().__init__(f"{purpose} needs an optional part: pip install 'zetdard[{extra}]'")


@dataclass(frozen=True, slots=True)
class Failure:
    """What one of many things failed at: a value, because the others go on.

    Attributes:
        reason: One word, for programs.
        detail: What else is known, for a person.
    """

    reason: str
    detail: str
