"""Every page of the site by its address: each URL of the project with rows that open it.

A new URL is walked by itself. One for which no row opens a page is reported, so that nobody believes it was measured.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import Resolver404, resolve, reverse
from django.urls.exceptions import NoReverseMatch

from infactor.reports.catalogue import REPORTS
from tests.benchmarks.pages.addresses import NotSeen, PageAddress
from tests.benchmarks.pages.site import BUYER, STAFF, STRANGER, SUPPLIER, MeasuredSite
from tests.functional.infactor.dashboard.test_urls import AUDIENCE
from tests.support.urls import SAMPLES, Url, every_url

# They end the session, are files, or are what a program asks for; production has no design page.
NOT_WALKED = {
    "buyer:document",
    "readyz",
    "admin:logout",
    "account_logout",
    "usersessions_end_all",
    "quickbooks:callback",
    "quickbooks:authorize",
    "dashboard:design",
}
# Pages that look different by the state of their row, and how many of their rows are measured.
SEVERAL = {"dashboard:invoice": 3, "dashboard:offer": 3, "buyer:page": 2}
# Public pages that somebody who is signed in sees in another way.
BOTH = {"dashboard:home"}
REFUSED = {403, 404, 429}
ROWS = 8  # of one model that are tried until one opens a page


def pages(site: MeasuredSite, *, only: str = "") -> Iterator[PageAddress | NotSeen]:
    """Every page; with `only`, those whose person and name it matches, as a regular expression."""
    urls = {(url.name, frozenset(url.parameters)): url for url in every_url() if url.is_named}
    for person in (STRANGER, BUYER, SUPPLIER, STAFF):
        for name, parameters in sorted(urls, key=lambda key: (key[0], sorted(key[1]))):
            url = urls[name, parameters]
            if name in NOT_WALKED or person not in _audience(url) or _leads_elsewhere(url):
                continue
            if re.search(only, f"{person} {name}"):
                yield from _open(site, url, person)


def _audience(url: Url) -> tuple[str, ...]:
    if url.name.startswith("admin:"):
        return (STAFF,)
    if url.name.startswith("buyer:"):
        return (BUYER,)
    public = AUDIENCE[url.name] == "public"
    return (STRANGER, SUPPLIER) if url.name in BOTH else (STRANGER,) if public else (SUPPLIER,)


def _leads_elsewhere(url: Url) -> bool:
    return url.name == "admin:<path:object_id>/" or (url.name.endswith("_export") and "file_format" in url.parameters)


def _open(site: MeasuredSite, url: Url, who: str) -> Iterator[PageAddress | NotSeen]:
    person, statuses, found = site.people[who], [], 0
    person.refresh()
    for parameters in _parameters(site, url):
        try:
            path = reverse(url.name, kwargs=parameters)
            resolve(path)
        except (NoReverseMatch, Resolver404):
            continue
        answer = person.client.get(path)
        statuses.append(answer.status_code)
        if answer.status_code in (301, 302, 405) or not _is_page(answer):
            continue
        if answer.status_code == 200 or not url.parameters:
            found += 1
            yield PageAddress(url.name, path, who, answer.status_code)
            if found == SEVERAL.get(url.name, 1):
                return
    if not found and REFUSED & set(statuses):
        yield NotSeen(url.name, who, tuple(sorted(set(statuses))))


def _is_page(answer: Any) -> bool:
    """Whether it is a whole HTML page: files and parts of pages are none."""
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return is_html and not answer.streaming and b"<html" in answer.content


def _parameters(site: MeasuredSite, url: Url) -> Iterator[dict[str, Any]]:
    names = sorted(url.parameters)
    values = [list(_values(site, url, name)) for name in names]
    for combination in itertools.islice(itertools.product(*values), 400):
        yield dict(zip(names, combination, strict=True))


def _values(site: MeasuredSite, url: Url, name: str) -> Iterator[Any]:
    if url.name.startswith("admin:") and name in ("object_id", "pk"):
        for model in _models_of(url.name):
            yield from (str(pk) for pk in _keys(model.objects.all(), "pk"))
    elif name == "token":
        yield from site.tokens
    elif name in ("public_id", "made_id", "attempt_id", "document_id"):
        yield from _of_supplier(site, "public_id")
    elif name in ("pk", "session_id", "attachment_id"):
        yield from _of_supplier(site, "pk")
    elif name == "slug":
        yield from REPORTS
        for account in ("debtor", "buyer"):
            yield from (f"{account}-{pk}" for pk in _keys(apps.get_model("invoices", account).objects.all(), "pk"))
    elif name == "supplier_id":
        yield from _keys(apps.get_model("suppliers.Supplier").objects.all(), "pk")
    elif name == "invoice_id":
        yield from _keys(apps.get_model("invoices.Invoice").objects.all(), "pk")
    elif name == "app_label":
        yield from sorted({model._meta.app_label for model in apps.get_models()})
    else:
        yield SAMPLES[name]


def _models_of(name: str) -> Iterator[type[models.Model]]:
    """The model that the name of a page of admin begins with; every one if none."""
    words = name.removeprefix("admin:")
    for model in apps.get_models():
        if words.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            yield model


def _of_supplier(site: MeasuredSite, column: str) -> Iterator[Any]:
    """Keys of rows of the supplier who is signed in, and of what belongs to the person alone."""
    user = site.people[SUPPLIER].user
    supplier = user.suppliers.get()
    for model in apps.get_models():
        names = {field.name for field in model._meta.get_fields()}
        if column != "pk" and column not in names:
            continue
        if "supplier" in names:
            yield from _keys(model._default_manager.filter(supplier=supplier), column)
        elif "user" in names:
            yield from _keys(model._default_manager.filter(user=user), column)
        elif "connection" in names:
            yield from _keys(model._default_manager.filter(connection__supplier=supplier), column)


def _keys(rows: models.QuerySet[Any], column: str) -> list[Any]:
    """Up to ROWS keys: one of each status, then the newest."""
    names = {field.name for field in rows.model._meta.get_fields()}
    if column not in names | {"pk"}:
        return []
    states = next((name for name in ("status", "state") if name in names), None)
    newest = list(rows.order_by("-pk").values_list(column, flat=True)[:ROWS])
    if states is None:
        return newest
    each = {state: key for key, state in rows.order_by("pk").values_list(column, states)}
    return list(dict.fromkeys([*each.values(), *newest]))
