"""An invented NetEase: a server on this machine that answers like the service, from an invented world.

It speaks the protocol with code of its own, so that a client is tested against another reading of the same facts.
``docs/sandbox-server.md`` describes it.
"""

from zetdard.sandbox.server.misbehaviour import Fault, FaultAt, Plan, Spell
from zetdard.sandbox.server.serve import HOST, PORT, RunningServer, running_server, serve

__all__ = ["HOST", "PORT", "Fault", "FaultAt", "Plan", "RunningServer", "Spell", "running_server", "serve"]
