"""The law of the house, held by walking the syntax trees: who may import whom, and what modules may be called."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("app", "components", "data_layer")
BANNED_WORDS = ("utils", "manager", "helper", "data2", "smart", "enhanced", "optimized")

# importer prefix -> prefixes of ours that it must not import
FORBIDDEN = {
    "data_layer": ("app", "components", "tests", "benchmarks", "scripts"),
    "components": ("app", "data_layer", "tests", "benchmarks", "scripts"),
    "app.models": (
        "components",
        "app.pages",
        "data_layer.store",
        "data_layer.api",
        "data_layer.engine",
        "data_layer.ingest",
    ),
    "app.pages": ("data_layer", "app.refresher", "app.context", "app.serving", "app.cli"),
    "data_layer.schemas": ("data_layer.store", "data_layer.api", "data_layer.engine", "data_layer.parsing"),
    "data_layer.store": (
        "data_layer.api",
        "data_layer.engine",
        "data_layer.parsing",
        "data_layer.ingest",
        "data_layer.repository",
    ),
    "data_layer.api": ("data_layer.store", "data_layer.engine", "data_layer.parsing", "data_layer.schemas"),
    "data_layer.engine": ("data_layer.api", "data_layer.parsing", "data_layer.ingest", "data_layer.repository"),
    "data_layer.parsing": ("data_layer.api", "data_layer.store", "data_layer.engine"),
    "data_layer.demo": ("data_layer.api", "data_layer.store", "data_layer.engine", "data_layer.parsing"),
    "data_layer.repository": ("data_layer.api", "data_layer.ingest", "data_layer.demo"),
}
# libraries a floor must not know
FOREIGN = {
    "data_layer": {"panel", "altair", "bokeh", "panel_material_ui", "param"},
    "app.models": {"panel", "altair", "panel_material_ui"},
    "components": {"duckdb", "deltalake", "requests"},
}


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, path, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only: app/ is imported under two names by Panel"
            yield node.module or "", node
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def under(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def is_type_checking_only(tree: ast.Module, statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and statement in ast.walk(node)
        for node in ast.walk(tree)
    )


def test_modules_import_only_what_their_floor_may_know():
    broken = []
    for name, path, tree in modules():
        for imported, statement in imports(tree):
            if is_type_checking_only(tree, statement):
                continue
            for importer, targets in FORBIDDEN.items():
                if under(name, importer) and any(under(imported, target) for target in targets):
                    broken.append(f"{path.relative_to(ROOT)}:{statement.lineno} imports {imported}")
            for importer, libraries in FOREIGN.items():
                if under(name, importer) and imported.split(".")[0] in libraries:
                    broken.append(f"{path.relative_to(ROOT)}:{statement.lineno} imports {imported}")
    assert not broken, "\n".join(sorted(set(broken)))


def test_only_settings_reads_the_environment():
    readers = [
        name
        for name, _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and getattr(node.value, "id", "") == "os"
    ]
    assert set(readers) <= {"app.settings"}


def test_only_the_wire_speaks_http():
    speakers = {name for name, _, tree in modules() for imported, _ in imports(tree) if under(imported, "requests")}
    assert all(under(name, "data_layer.api") for name in speakers)


def test_names_say_what_is_inside():
    assert not [path for _, path, _ in modules() for word in BANNED_WORDS if word in path.stem.split("_")]


def test_no_module_of_app_hides_a_library():
    """`panel serve app` puts app/ first on sys.path: a module called like a library would replace it."""
    taken = set(sys.stdlib_module_names) | {"panel", "bokeh", "param", "altair", "tornado", "duckdb", "pandas", "app"}
    assert not {path.stem for path in (ROOT / "app").glob("*.py")} & taken


def test_components_and_pages_are_not_imported_inside_functions_at_run_time():
    """Bokeh restores sys.path after the script: a first-party import in a callback fails under `panel serve`."""
    late = []
    for name, path, tree in modules():
        if name == "app.cli" or not under(name, "app"):
            continue  # the command line is no session
        for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
                    late.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not late


@pytest.mark.parametrize(
    "package", [p for p in ROOT.rglob("__init__.py") if p.relative_to(ROOT).parts[0] in PACKAGES]
)
def test_each_package_says_what_belongs_in_it(package: Path):
    assert ast.get_docstring(ast.parse(package.read_text(encoding="utf-8")))
