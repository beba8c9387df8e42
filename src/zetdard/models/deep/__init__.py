"""Networks, and how they are trained. Everything here needs torch, the ``[deep]`` extra."""
