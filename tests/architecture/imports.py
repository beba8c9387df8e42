"""Reads every import of a package from its source, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Import:
    """One imported module, as seen from the module that imports it.

    ``function`` is the innermost function around the import, ``""`` at module level. ``typing`` says that it
    stands under ``if TYPE_CHECKING`` and never runs. ``level`` counts the dots of a relative import.
    """

    module: str
    target: str
    line: int
    function: str
    typing: bool
    level: int


def module_files(package: Path) -> dict[str, Path]:
    """Return the dotted name of every module in the folder ``package`` with its file."""
    files = {}
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def imports_of(module: str, path: Path, known: frozenset[str]) -> Iterator[Import]:
    """Yield every import in ``path``: at module level, in functions, for typing, and by ``import_module("…")``.

    ``from a import b`` is an import of ``a.b`` where that is among ``known`` modules, of ``a`` otherwise; but
    every name taken from the package itself counts as a module, because its lazy exports hide where they live.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    yield from _walk(tree, module, package, known, function="", typing=False)


def _walk(
    node: ast.AST, module: str, package: str, known: frozenset[str], *, function: str, typing: bool
) -> Iterator[Import]:
    for target, level in _targets(node, package, known):
        yield Import(module, target, node.lineno, function, typing, level)  # type: ignore[attr-defined]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = node.name
    if isinstance(node, ast.Lambda):
        function = function or "<lambda>"
    for field, value in ast.iter_fields(node):
        only_typing = typing or (
            isinstance(node, ast.If) and field == "body" and _is_type_checking(node.test)
        )
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child, module, package, known, function=function, typing=only_typing)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _targets(node: ast.AST, package: str, known: frozenset[str]) -> list[tuple[str, int]]:
    if isinstance(node, ast.Import):
        return [(alias.name, 0) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *([node.module] if node.module else [])])
        top = package.split(".")[0]
        targets = dict.fromkeys(
            f"{base}.{name}"
            if f"{base}.{name}" in known or (base == top and not name.startswith("__"))
            else base
            for name in (alias.name for alias in node.names)
        )
        return [(target, node.level) for target in targets]
    if isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0]
        if called in {"import_module", "__import__"} and isinstance(first, ast.Constant):
            return [(str(first.value), 0)]
    return []
