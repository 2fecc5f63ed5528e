"""Reads `.env` (beside manage.py) and the environment variables."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent

environ.Env.read_env(BASE_DIR / ".env")
env = environ.Env()

VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var"))).resolve()


def require(*names: str) -> None:
    """Raise ImproperlyConfigured, naming all of `names` that are unset or empty."""
    missing = [name for name in names if not env.str(name, "")]
    if missing:
        raise ImproperlyConfigured(
            f"infactor does not start: {', '.join(missing)} must be set in the environment or in .env. "
            "example.env describes each of them."
        )
