"""All rules there are: those of audit/rules, and those of a folder of the bureau's own, one file each."""

import importlib.util
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import audit.rules
from audit.errors import AuditError
from audit.flags.rule import Rule
from domain.errors import ExplainedError


class RuleUnusable(AuditError, ExplainedError):
    """A file of a rule cannot be used: it is no Python, defines no `RULE`, or one whose name is taken."""


def load_rules(folder: Path | None = None) -> dict[str, Rule]:
    """Return the rules by id, in the order of ids; those of `folder` besides. Raises RuleUnusable."""
    found: dict[str, Rule] = {}
    for where, module in (*_modules(), *(_modules_of(folder) if folder else ())):
        rule = getattr(module, "RULE", None)
        if not isinstance(rule, Rule):
            raise RuleUnusable(where, "a file that defines RULE = Rule(…)", "no RULE", _MEND)
        if rule.id in found:
            raise RuleUnusable(where, "an id that no other rule has", rule.id, "give the rule another id")
        found[rule.id] = rule
    return dict(sorted(found.items()))


# Private

_MEND = "mend the file, or take it out of the folder; audit/rules shows what a rule looks like"


def _modules() -> Iterator[tuple[str, ModuleType]]:
    for found in pkgutil.iter_modules(audit.rules.__path__):
        name = f"{audit.rules.__name__}.{found.name}"
        yield name, import_module(name)


def _modules_of(folder: Path) -> Iterator[tuple[str, ModuleType]]:
    if not folder.is_dir():
        raise RuleUnusable(str(folder), "a folder of rules", "none", "say with --rules where the bureau's rules are")
    for path in sorted(folder.glob("*.py")):
        if path.name.startswith("_"):
            continue
        spec = importlib.util.spec_from_file_location(f"mingzhang_rule_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:  # whatever a file of somebody else raises, it is the file that must be mended
            raise RuleUnusable(str(path), "a rule in Python", f"{type(error).__name__}: {error}", _MEND) from error
        yield str(path), module
