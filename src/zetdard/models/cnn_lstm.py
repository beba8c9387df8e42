"""``cnn-lstm``: convolutions over mel frames and a recurrent network through time.

Chen Changfeng, "Song audio emotion classification based on CNN-LSTM", Communications Technology 52 (2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from zetdard.models.deep.by_ear import HearingConfig, HearingModel

if TYPE_CHECKING:
    from zetdard.models.deep.shared import Sense


class CnnLstmConfig(HearingConfig):
    """Settings of ``cnn-lstm``."""

    channels: int = Field(64, ge=1, description="of each convolution")


class CnnLSTM(HearingModel):
    """Songs as codes of a network that follows their spectrogram through time."""

    name: ClassVar[str] = "cnn-lstm"
    summary: ClassVar[str] = "a network that hears the spectrogram as a course of time (after Chen Changfeng)"
    config_class: ClassVar[type[CnnLstmConfig]] = CnnLstmConfig
    config: CnnLstmConfig

    def sense(self) -> Sense:
        """Return the spectrogram, as a course."""
        from zetdard.models.deep.audio_networks import Spectrograms

        settings = self.config
        return Spectrograms(
            settings.width,
            settings.seconds,
            settings.bands,
            settings.channels,
            settings.dropout,
            through_time=True,
        )
