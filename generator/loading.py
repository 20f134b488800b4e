"""The generated modules, imported from memory: what is tried before it is written."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType

from generator.output import PACKAGE


class _Memory(MetaPathFinder, Loader):
    """Finds modules among the generated files.

    Args:
        files: The files by path.
        package: What the package is called meanwhile, beside the one that is installed.
    """

    def __init__(self, files: Mapping[str, str], package: str) -> None:
        self._files = files
        self._package = package

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        root, _, rest = fullname.partition(".")
        if root != self._package:
            return None
        place = "/".join([PACKAGE, *rest.split(".")]) if rest else PACKAGE
        for file, is_package in ((f"{place}/__init__.py", True), (f"{place}.py", False)):
            if file in self._files:
                return spec_from_loader(fullname, self, origin=file, is_package=is_package)
        return None

    def exec_module(self, module: ModuleType) -> None:
        file = str(module.__spec__.origin) if module.__spec__ is not None else ""
        text = self._files[file].replace(PACKAGE, self._package)
        exec(compile(text, file, "exec", dont_inherit=True), vars(module))  # noqa: S102


@contextmanager
def loaded(files: Mapping[str, str]) -> Iterator[str]:
    """Makes the generated package importable while a block runs, under the name that it yields."""
    package = f"_{PACKAGE}_{id(files)}"
    finder = _Memory(files, package)
    sys.meta_path.insert(0, finder)
    try:
        yield package
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]
        importlib.invalidate_caches()
