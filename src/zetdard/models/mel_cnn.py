"""``mel-cnn``: two-dimensional convolutions over log-mel spectrograms."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zetdard.models.deep.by_ear import HearingModel

if TYPE_CHECKING:
    from zetdard.models.deep.shared import Sense


class MelCNN(HearingModel):
    """Songs as codes of a network on their mel spectrogram."""

    name: ClassVar[str] = "mel-cnn"
    summary: ClassVar[str] = "a network that hears the mel spectrogram"

    def sense(self) -> Sense:
        """Return the spectrogram."""
        from zetdard.models.deep.audio_networks import Spectrograms

        settings = self.config
        return Spectrograms(
            settings.width, settings.seconds, settings.bands, settings.channels, settings.dropout
        )
