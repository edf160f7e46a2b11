"""Sets up a process that runs Rasa: quiet, offline, light. To be called before the first `import rasa`."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

from bot.engine import left_out

_ENVIRONMENT = {
    # One BLAS thread encodes a sentence ten times faster than two that wait for each other.
    "OMP_NUM_THREADS": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Rasa shows progress bars unless its own log level is this.
    "LOG_LEVEL": "WARNING",
    # Rasa would keep a copy of each trained component in a hidden folder beside the code.
    "RASA_MAX_CACHE_SIZE": "0",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


def prepare() -> None:
    """Sets the environment, leaves out heavy libraries and sends warnings and errors, and nothing else, to stderr."""
    for name, value in _ENVIRONMENT.items():
        os.environ[name] = value
    left_out.leave_out()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    # Python's warnings are about Rasa's old dependencies; a shopkeeper can do nothing about them. A filter would not
    # last: the libraries set their own.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


def quiet_rasa() -> None:
    """Sets the loggers that Rasa and its server configure when they are imported; call it after importing them."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for name in ("rasa", "sanic.root", "sanic.error", "sanic.access", "apscheduler", "asyncio", "matplotlib"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.handlers.clear()
        logger.propagate = True


def refuse(reason: object) -> NoReturn:
    """Ends the process with one line on stderr and exit status 2."""
    print("salesclerk engine: " + " ".join(str(reason).split()), file=sys.stderr, flush=True)
    raise SystemExit(2)
