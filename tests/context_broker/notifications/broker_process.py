"""The broker as a process of its own that a test can kill; its arguments are a folder and a port."""

import sys
from pathlib import Path

import uvicorn

from context_broker.app import ContextBroker
from context_broker.limits import Limits

if __name__ == "__main__":
    app = ContextBroker(Path(sys.argv[1]), Limits(allow_private_targets=True))
    uvicorn.run(app, port=int(sys.argv[2]), log_level="warning")
