"""Is a module shaped as the style asks: short, introduced by a docstring, catching only what it names?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

MAX_LINES = 300

# The outermost places, where any failure must become a record, an item or a problem document.
BROAD_EXCEPT_ALLOWED = (
    "app/observers/fanout.py",
    "app/engine/batch.py",
    "app/relay/",
    "app/local_model/",
    "app/http/passage.py",
    "app/main.py",
)
BANNED_MODULE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "handler", "handlers", "misc"}
_BROAD = {"Exception", "BaseException"}
_LEFTOVER = re.compile(r"\b((?:TO)DO|(?:FIX)ME|(?:X)XX)\b")


def shape_violations(path: Path, source: str) -> list[str]:
    """One sentence for each rule of shape that a module breaks."""
    tree = ast.parse(source)
    return [
        *_too_long(path, source, tree),
        *_without_docstring(path, tree),
        *_with_vague_name(path),
        *_catching_everything(path, tree),
    ]


def leftover_violations(path: Path, text: str) -> list[str]:
    """Lines of any text file that put work off instead of naming an issue."""
    lines = enumerate(text.splitlines(), start=1)
    return [
        f"{path}:{number}: unfinished work belongs into an issue" for number, line in lines if _LEFTOVER.search(line)
    ]


def _too_long(path: Path, source: str, tree: ast.Module) -> list[str]:
    count = 0 if _is_index(tree) else len(source.splitlines())
    return [f"{path}: {count} lines, at most {MAX_LINES}: split it by idea"] if count > MAX_LINES else []


def _is_index(tree: ast.Module) -> bool:
    """Whether a module only re-exports: it is as long as what it lists, and holds no idea to split by."""
    assigned = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    lists_all = [isinstance(target, ast.Name) and target.id == "__all__" for target in assigned] == [True]
    return lists_all and all(isinstance(node, ast.Expr | ast.ImportFrom | ast.Assign) for node in tree.body)


def _without_docstring(path: Path, tree: ast.Module) -> list[str]:
    return [] if (ast.get_docstring(tree) or "").strip() else [f"{path}: no module docstring"]


def _with_vague_name(path: Path) -> list[str]:
    vague = BANNED_MODULE_NAMES.intersection([*path.parts[:-1], path.stem])
    return [f"{path}: `{name}` names no idea" for name in sorted(vague)]


def _catching_everything(path: Path, tree: ast.Module) -> list[str]:
    if path.parts[0] != "app" or path.as_posix().startswith(BROAD_EXCEPT_ALLOWED):
        return []
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    return [f"{path}:{one.lineno}: catches everything" for one in handlers if _is_broad(one) and not _re_raises(one)]


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in _BROAD for kind in kinds)


def _re_raises(handler: ast.ExceptHandler) -> bool:
    """Cleaning up and raising on swallows nothing."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None
