"""One module per format. A module that defines ``READER`` adds a format; nothing else has to change."""

import importlib
import pkgutil
from functools import cache

from ingestion.reading import Reader


@cache
def readers() -> tuple[Reader, ...]:
    """The readers of every module in this package, in order of module name."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return tuple(module.READER for module in modules if hasattr(module, "READER"))
