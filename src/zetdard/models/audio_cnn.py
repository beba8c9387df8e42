"""``audio-cnn``: convolutions over the raw waveform of both channels (the thesis's 3.2).

The first layer's filters are summed by L1 pooling, Σ|x| over each window, unless another pooling is set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from zetdard.models.deep.by_ear import HearingConfig, HearingModel

if TYPE_CHECKING:
    from zetdard.models.deep.shared import Sense


class AudioConfig(HearingConfig):
    """Settings of ``audio-cnn``."""

    pooling: Literal["l1", "average", "max"] = Field("l1", description="after the first layer")
    first: Literal["waves", "random"] = Field("waves", description="how the first layer begins")


class AudioCNN(HearingModel):
    """Songs as codes of a network on their waveform."""

    name: ClassVar[str] = "audio-cnn"
    summary: ClassVar[str] = "a network that hears the waveform (the thesis's 3.2)"
    config_class: ClassVar[type[AudioConfig]] = AudioConfig
    config: AudioConfig

    def sense(self) -> Sense:
        """Return the waveform."""
        from zetdard.models.deep.audio_networks import Waveforms

        settings = self.config
        return Waveforms(
            settings.width,
            settings.seconds,
            pooling=settings.pooling,
            bands=settings.bands,
            channels=settings.channels,
            first=settings.first,
            dropout=settings.dropout,
        )
