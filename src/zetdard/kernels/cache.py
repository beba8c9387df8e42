"""Where compiled kernels are kept between processes.

numba's own choice is the ``__pycache__`` beside the source, which an installation that cannot be written to does not
allow, and which goes stale when only the processor or a library changes. Here the folder is::

    <ZETDARD_CACHE_DIR or the user's cache folder>/numba/<key>
    key = hash of (source of the kernel's file, numba, llvmlite, Python, processor and its features)

Only kernels declared with :func:`compiled` are kept there: the process-wide settings of numba stay as they are. Where
the folder cannot be written, or a file in it is damaged, a kernel is compiled in memory, silently.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, ParamSpec, TypeVar, cast

import platformdirs

P = ParamSpec("P")
R = TypeVar("R")

# numba and llvmlite are typed in parts that change with their versions; imported this way they count as untyped.
numba = import_module("numba")
llvmlite = import_module("llvmlite")
llvm = import_module("llvmlite.binding")

CACHE_DIR_VARIABLE = "ZETDARD_CACHE_DIR"


def cache_folder(source: Path) -> Path:
    """Return the folder that holds the compiled kernels of one source file; it need not exist.

    Args:
        source: The Python file that defines the kernels.
    """
    chosen = os.environ.get(CACHE_DIR_VARIABLE)
    root = Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("zetdard", appauthor=False)
    return root / "numba" / _key(source)


def compiled(signature: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a kernel: compiled once for one signature, without the interpreter lock, kept on disk.

    Args:
        signature: numba's notation, for example ``"void(int64, float32[::1])"``.

    Returns:
        A decorator. The kernel may call functions declared with :func:`inner` in its own file and no other, because
        the key covers that file alone.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        kernel = numba.njit(nogil=True)(function)
        if numba.config.DISABLE_JIT:
            return function
        cache = _disk_cache(function)
        if cache is not None:
            kernel._cache = cache
        kernel.compile(signature)
        kernel.disable_compile()
        return cast("Callable[P, R]", kernel)

    return decorate


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """Declare a part of the kernels of the same file; it is compiled into each of them."""
    return cast("Callable[P, R]", numba.njit(nogil=True)(function))


@lru_cache
def _key(source: Path) -> str:
    """Hash everything that machine code depends on."""
    processor = (llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    versions = (
        numba.__version__,
        llvmlite.__version__,
        platform.python_version(),
        platform.python_implementation(),
    )
    about = "\n".join((*processor, *versions)).encode()
    return hashlib.sha256(source.read_bytes() + about).hexdigest()[:24]


def _disk_cache(function: Callable[..., Any]) -> Any | None:
    """Build numba's cache object for one function, or ``None`` where nothing can be kept or read."""
    try:
        # Internal names of numba: a version that moved them costs the cache, never the kernel.
        caching = import_module("numba.core.caching")
        locator, implementation = caching._CacheLocator, caching.CompileResultCacheImpl
        cache = caching.FunctionCache
    except (ImportError, AttributeError):
        return None

    class Locator(locator):  # type: ignore[misc, valid-type]
        def __init__(self, py_func: Callable[..., Any], py_file: str) -> None:
            self._py_file = py_file
            self._line = py_func.__code__.co_firstlineno

        def get_cache_path(self) -> str:
            return str(cache_folder(Path(self._py_file)))

        def get_source_stamp(self) -> str:
            return _key(Path(self._py_file))

        def get_disambiguator(self) -> str:
            return str(self._line)

        @classmethod
        def from_function(cls, py_func: Callable[..., Any], py_file: str) -> Locator | None:
            try:
                place = cls(py_func, py_file)
                # A filled folder that is read-only serves as well.
                if not Path(place.get_cache_path()).is_dir():
                    place.ensure_cache_path()
            except (OSError, RuntimeError):  # not writable; or "~" without a home
                return None
            return place

    class Implementation(implementation):  # type: ignore[misc, valid-type]
        _locator_classes: ClassVar = [Locator]

    class DiskCache(cache):  # type: ignore[misc, valid-type]
        _impl_class = Implementation

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            try:
                return super().load_overload(sig, target_context)
            except Exception:  # a damaged file may fail in any way; compiling again repairs it
                return None

        def save_overload(self, sig: Any, data: Any) -> None:
            try:
                super().save_overload(sig, data)
            except Exception:
                try:  # a damaged index: start it afresh
                    self.flush()
                    super().save_overload(sig, data)
                except Exception:  # a full disk, a folder that has become read-only
                    self.disable()

    try:
        return DiskCache(function)
    except (AttributeError, RuntimeError, TypeError):  # no folder, or internals with another shape
        return None
