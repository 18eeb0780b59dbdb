"""What is asked of a convention: someone's object, and everything known about feeding it.

Each module of a convention has `adapt(request) -> Function | None`. None says that the object is
written in another convention; a `UsageError` says that it is written in this one but something
cannot be guessed, and names the one line to write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from gradcheck.checks.gradient.function import Array


@dataclass(frozen=True)
class Request:
    """Someone's object as they named it.

    thing       a class, an instance, a function, a pair (forward, backward) or a module
    name        what the user called it, such as "Linear"
    module      where it comes from, to look for companions such as `relu_backward`
    arguments   those of `Linear(3, 4)` in the target, for the constructor or the call
    keywords    those of `Linear(bias=True)`
    inputs      arrays that the user gave, in a hook or in a call; may be empty
    shapes      those of `--shape`
    rng         for what has to be drawn
    """

    thing: Any
    name: str
    module: ModuleType | None = None
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Array] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
