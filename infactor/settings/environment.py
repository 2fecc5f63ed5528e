"""The environment, read once: `.env` beside manage.py, then what each setting asks for."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent

environ.Env.read_env(BASE_DIR / ".env")
env = environ.Env()

VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var"))).resolve()


def require(*names: str) -> None:
    """Refuse to start while any of the environment variables `names` is unset or empty, naming all of them."""
    missing = [name for name in names if not env.str(name, "")]
    if missing:
        raise ImproperlyConfigured(
            f"infactor does not start: {', '.join(missing)} must be set in the environment or in .env. "
            "example.env says what each is for."
        )
