"""The process that ``running_server`` starts: reads what to serve from standard input, reports, serves."""

from zetdard.sandbox.server.serve import serve_for_parent

if __name__ == "__main__":
    serve_for_parent()
