"""Names of a package that are loaded when they are first used.

So a program pays for what it calls and nothing else. The sync twins need it too: they import the
package that offers them, so that it can import them only once it is complete.
"""

from __future__ import annotations

import sys
from importlib import import_module

# Type checkers take it for true. To import these would take longer than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["later"]


def later(package: str, names: Mapping[str, str]) -> Callable[[str], object]:
    """Makes the ``__getattr__`` of a package from the names that each module has.

    Blanks stand between the names. A name in which the module's own path ends means the module.
    What is loaded stays in the package.

    Type checkers must not see it, or they would take any name for a good one: define it where
    ``TYPE_CHECKING`` is false, and import the same names where it is true.
    """

    def load(name: str) -> object:
        for place, found in names.items():
            if name in found.split():
                try:
                    module = import_module(place)
                except BaseException:
                    # Python forgets a package whose import was cut short, and keeps the modules of
                    # it that were complete. Imported anew, the package would lack them.
                    for other in [*sys.modules]:
                        if other.partition(".")[0] not in sys.modules:
                            sys.modules.pop(other, None)
                    raise
                if place.endswith(f".{name}"):
                    value: object = module
                else:
                    if not hasattr(module, name):
                        # An interrupt that strikes in importlib can leave half a module behind.
                        sys.modules.pop(place, None)
                        module = import_module(place)
                    value = getattr(module, name)
                # The next access finds the name in the package and does not call this function.
                setattr(sys.modules[package], name, value)
                return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return load
