"""The initial data of an installation, restored after a test that emptied the tables.

Tests with several database connections end by emptying every table, rows of migrations among them; Django then says
`post_migrate` once more.
"""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps


def restore_initial_data(*, sender: AppConfig, **kwargs: Any) -> None:
    """Write the first agreement and the first terms again, as their migrations do, where there are none."""
    if sender.name != "infactor.financing":  # the last of the two
        return
    agreement = import_module("infactor.suppliers.migrations.0001_initial")
    if not apps.get_model("suppliers", "AgreementText").objects.exists():
        agreement.publish(apps, None)
    import_module("infactor.financing.migrations.0001_initial").create_first_terms(apps, None)
