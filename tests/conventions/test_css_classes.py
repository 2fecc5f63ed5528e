"""Every CSS class in a template has a rule in a style sheet, and every rule's class is used."""

import re
from pathlib import Path

import django.contrib.admin

ROOT = Path(__file__).resolve().parents[2]
# The layout of mails has a style sheet of its own, which is inlined.
TEMPLATES = sorted(set((ROOT / "templates").rglob("*.html")) - {ROOT / "templates/email/mail.html"})
STAFF_CSS = ("admin.css", "desk.css")
SUPPLIER_CSS = sorted({path.name for path in (ROOT / "static/css").glob("*.css")} - {"tokens.css", *STAFF_CSS})
DJANGO_ADMIN = Path(django.contrib.admin.__file__).parent
CLASS_ATTRIBUTE = re.compile(r'\bclass="((?:[^"{]|\{(?![%{])|\{%.*?%\}|\{\{.*?\}\})*)"')
# The block that a page fills to set the class of its <main>.
PAGE_CLASS = re.compile(r"\{% block page_class %\}([\w -]*)\{% endblock")
# A class whose end the template fills in: `badge-{{ tone }}`. Every value that a view or a template passes.
TONES = ("neutral", "info", "good", "warn", "bad")
FILLED_IN = {
    "alert-": ("info", "good", "warn", "bad"),
    "badge-": TONES,
    "bar-": TONES,
    "indent-": ("1", "2", "3"),
    "stage-": ("done", "now", "later", "skipped", "stopped"),
}
# The default look of the component: these values need no rule of their own.
DEFAULTS = {"alert-info", "badge-neutral", "bar-info", "bar-good", "stage-later"}
# Set by Django, by htmx, by the icon tag or by the money tag, not by a template's own markup.
SET_BY_CODE = {"field-error", "htmx-request", "icon", "missing", "money"}


def is_admin(path: Path) -> bool:
    return "admin" in path.relative_to(ROOT / "templates").parts


def used_classes(text: str) -> set[str]:
    """The classes that the template `text` sets; a variable stands for each of its values."""
    found: set[str] = set()
    for attribute in [*CLASS_ATTRIBUTE.findall(text), *PAGE_CLASS.findall(text)]:
        # A value in {{ }} continues the word before it; a tag in {% %} separates two words.
        words = re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "*", attribute)).split()
        for word in words:
            prefix = word.removesuffix("*")
            found |= {prefix + value for value in FILLED_IN[prefix]} if word.endswith("*") and prefix else {word}
    return found - {"*"}


def styled_classes(*names: str) -> set[str]:
    """The classes that the style sheets `names` have a rule for."""
    css = "\n".join((ROOT / "static/css" / name).read_text() for name in names)
    selectors = re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", css, flags=re.DOTALL)
    return set(re.findall(r"\.([A-Za-z][\w-]*)", selectors))


def used_on_supplier_pages() -> set[str]:
    return set().union(*(used_classes(path.read_text()) for path in TEMPLATES if not is_admin(path)))


def test_every_class_of_a_supplier_page_has_a_rule() -> None:
    assert sorted(used_on_supplier_pages() - DEFAULTS - styled_classes(*SUPPLIER_CSS)) == []


def test_every_rule_of_the_supplier_pages_is_used() -> None:
    assert sorted(styled_classes(*SUPPLIER_CSS) - used_on_supplier_pages() - SET_BY_CODE) == []


def test_every_class_of_an_admin_page_has_a_rule_or_is_djangos() -> None:
    used = set().union(*(used_classes(path.read_text()) for path in TEMPLATES if is_admin(path)))
    djangos = "\n".join(path.read_text() for path in (DJANGO_ADMIN / "static/admin/css").glob("*.css"))
    assert sorted(used - styled_classes(*STAFF_CSS) - set(re.findall(r"\.([A-Za-z][\w-]*)", djangos))) == []


def test_every_rule_of_the_admin_pages_is_used() -> None:
    ours = [path.read_text() for path in TEMPLATES]
    code = [path.read_text() for app in ("infactor", "quickbooks_app") for path in (ROOT / app).rglob("*.py")]
    djangos = [path.read_text() for suffix in ("css", "html", "js", "py") for path in DJANGO_ADMIN.rglob(f"*.{suffix}")]
    words = set(re.findall(r"[\w-]+", "\n".join(ours + code + djangos)))
    # Admin gives each cell the class `field-` and the name of its column.
    assert sorted(name for name in styled_classes(*STAFF_CSS) if name.removeprefix("field-") not in words) == []


def test_a_script_selects_only_classes_and_attributes_that_a_template_sets() -> None:
    scripts = "\n".join(path.read_text() for path in (ROOT / "static/js").glob("*.js"))
    markup = "\n".join(path.read_text() for path in TEMPLATES)
    selectors = re.findall(r"""(?:querySelector(?:All)?|closest)\(\s*["']([^"']+)["']""", scripts)
    classes = {name for selector in selectors for name in re.findall(r"\.([\w-]+)", selector)}
    attributes = {name for selector in selectors for name in re.findall(r"\[(data-[\w-]+)", selector)}
    used = set().union(*(used_classes(path.read_text()) for path in TEMPLATES))
    djangos = "\n".join(path.read_text() for suffix in ("html", "py") for path in DJANGO_ADMIN.rglob(f"*.{suffix}"))
    assert sorted(name for name in classes - used if name not in djangos) == []
    assert sorted(name for name in attributes if name not in markup) == []
    assert attributes, "the expression above no longer finds the scripts' selectors"
