"""What a run of featurize did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RefusedContent:
    """A recording or lyric without features: of which song, and why."""

    song: str
    place: str
    reason: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """Return it as JSON."""
        return {"song": self.song, "place": self.place, "reason": self.reason, "detail": self.detail}


@dataclass(slots=True)
class FeatureReport:
    """What was done about one kind of feature.

    Attributes:
        kind: ``audio``, ``lyrics``, ``graph`` or ``moods``.
        contents: Recordings, lyrics or songs that there are.
        made: Contents whose features were made now, by extractor.
        known: Contents whose features were there already, by extractor.
        refused: What has none, and why; also what an earlier run found.
        seconds: How long it took.
        notes: What a person should know.
    """

    kind: str
    contents: int = 0
    made: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    refused: list[RefusedContent] = field(default_factory=list)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "kind": self.kind,
            "contents": self.contents,
            "made": self.made,
            "known": self.known,
            "refused": [refused.to_json() for refused in self.refused],
            "seconds": round(self.seconds, 3),
            "notes": self.notes,
        }
