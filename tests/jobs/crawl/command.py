"""A crawl as a command of its own, to be killed: it says on standard output how it ended.

    python command.py '{"database": …, "service": {…}, "blobs": …, "plan": {…}, "begin": {…}}'

Exit code 0: nothing is left to do; 3: the service wants a person; 130: interrupted; 1: another error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from zetdard.errors import CrawlStoppedError, ZetDardError
from zetdard.jobs.crawl.crawling import crawl
from zetdard.jobs.crawl.plan import CrawlPlan
from zetdard.registry import netease_connect
from zetdard.sources.crawling import Beginning
from zetdard.sources.netease.connect import Service
from zetdard.store.store import Store


def run(order: dict[str, Any]) -> dict[str, Any]:
    service = Service(**order["service"])
    plan = CrawlPlan(**order["plan"] | {"wanted": frozenset(order["plan"]["wanted"])})
    beginning = Beginning(**order["begin"]) if order["begin"] else None
    with Store.open(order["database"]) as store:
        report = crawl(
            store,
            order["database"],
            service.source,
            netease_connect(service),
            plan,
            beginning,
            blobs=Path(order["blobs"]),
            watch=lambda state: print(json.dumps({"done": state.done, "todo": state.todo}), flush=True),
        )
    return {"visits": report.visits, "todo": report.state.todo, "ended": report.state.ended}


def main() -> int:
    try:
        print(json.dumps(run(json.loads(sys.argv[1]))), flush=True)
    except CrawlStoppedError as error:
        print(error, file=sys.stderr)
        return 3
    except ZetDardError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
