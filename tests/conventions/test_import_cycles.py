"""No module imports itself through other modules, inside a package or across packages."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest


def cycle_in(imports: dict[str, set[str]]) -> list[str]:
    """The first import cycle, as module names; empty if there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = grimp.build_graph("infactor", "quickbooks_app", cache_dir=None)
    assert cycle_in({module: graph.find_modules_directly_imported_by(module) for module in graph.modules}) == []


@pytest.mark.parametrize("imports", [{"a": {"b"}, "b": {"a"}}, {"a": {"b"}, "b": {"c"}, "c": {"a"}}])
def test_a_cycle_is_found(imports: dict[str, set[str]]) -> None:
    assert set(cycle_in(imports)) == set(imports)
