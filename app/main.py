"""What `panel serve app/main.py` and `panel serve app` run, once a session: bootstrap, guards, shell."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:  # `panel serve` puts this folder on the path, not the one above it
    sys.path.insert(0, ROOT)

from app import guards  # noqa: E402
from app.context import get_context  # noqa: E402
from app.single_view import open_addressed  # noqa: E402

guards.install_guards()
open_addressed(get_context()).servable(title="Kalshi Analytics", location=False)
