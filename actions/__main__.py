"""`python -m actions --port N`: start the action server."""

from __future__ import annotations

import argparse

from actions.server import serve
from crm_store.home import Home


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m actions")
    parser.add_argument("--port", type=int, default=None)
    chosen = parser.parse_args()
    home = Home.from_environment()
    serve(home, chosen.port or home.actions_port)


if __name__ == "__main__":
    main()
