"""Why a sound file is refused, in words that a program can count and a person can read."""

from __future__ import annotations

from zetdard.errors import InputError

REASONS = {
    "missing": "there is no such file",
    "unreadable": "the file may not be read",
    "not-a-file": "a folder, a pipe or a device, not a file",
    "empty": "the file holds no bytes",
    "not-audio": "no decoder knows the content, whatever the file is called",
    "damaged": "the decoder knows the format and fails on the content",
    "truncated": "the file ends before the sound that it announces",
    "no-samples": "sound of length zero",
    "too-short": "too little sound to be described",
    "not-finite": "a sample is infinite or not a number",
    "out-of-range": "a sample is far beyond full scale: the content is not sound",
    "too-many-channels": "more channels than any recording has",
    "strange-rate": "a sampling rate that no recording has",
}
"""Every reason word and what it means."""


class AudioError(InputError):
    """A sound file is refused.

    Args:
        reason: One of :data:`REASONS`.
        detail: What was found, in one sentence without a final full stop; the meaning of the reason if left out.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail or REASONS[reason]
        super().__init__(f"{reason}: {self.detail}")

    def __reduce__(self) -> tuple[type[AudioError], tuple[str, str]]:
        """Refusals travel between processes; exceptions forget their arguments otherwise."""
        return (AudioError, (self.reason, self.detail))
