"""Every slip of the pen in every backward pass is caught, and blamed on the inputs it spoils."""

import inspect
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from layers import mutants
from layers.planting import accused, gradients, points
from layers.which import looked_at

from gradcheck.checks import layers


@pytest.mark.parametrize("name", looked_at())
def test_every_mutant_is_caught_and_blamed_on_what_it_spoils(name):
    right = layers.load(name)
    made = mutants_of(right)
    with np.errstate(all="ignore"):  # a mutant may divide by zero
        judged = {m: judgement(wrong, right) for m, wrong in made.items()}
    assert {m: found for m, found in judged.items() if found[0] != found[1]} == {}
    assert sum(bool(found[1]) for found in judged.values()) >= 3


def mutants_of(layer):
    """The layer with each mutant of its backward pass, or of its row in a table."""
    file, _, member = layer.name.partition(".")
    source = inspect.getsource(import_module(f"gradcheck.numeric.{file}"))
    name = getattr(layer.backward, "func", layer.backward).__name__  # also of a partial
    made = (m for m in mutants.mutants(source) if m.function in (name, member))
    return {m: replace(layer, backward=m.backward(member)) for m in made}


def judgement(wrong, right):
    """What is accused of a mutant, and what it spoils at points of another seed.

    The first point and those at kinks show most; a slip that shows only where an axis has length 1
    or a window leaves something over is sought at all points. Which inputs it spoils may depend on
    options, stride for dilation: then those count that it spoils at the points that were looked at.
    """
    at = first, *others = points(right.name)
    spoils = spoilt(wrong, right, points(right.name, seed=1))
    accused_of = blamed(wrong, (first, *(p for p in others if p.case.at_kink)))
    if accused_of != spoils:
        accused_of = blamed(wrong, at)
        spoils = (spoils and accused_of and spoilt(wrong, right, at)) or spoils
    return accused_of, spoils


def blamed(layer, at):
    """The inputs whose gradient is accused at some points, and by whom.

    What is said of the backward pass as a whole, such as that it raises, is said of them all; only
    a pass that changes its arguments may still return the right gradients.
    """
    findings = accused(layer, at)
    about_all = dict.fromkeys(("mutates-input", "mutates-cotangent"), ())
    names = gradients(layer)
    return {
        (name, f.odd)
        for f in findings
        for name in ([f.input] if f.input else about_all.get(f.code, names))
    }


def spoilt(wrong, right, at):
    """The inputs whose gradient differs from the right one at some points."""
    names = gradients(right)
    return {(n, "analytic") for p in at for n in names if differ(wrong, right, p, names.index(n))}


def differ(wrong, right, point, k):
    """Whether the k-th gradient is another one, or none at all."""
    # a large cotangent: some slips of a backward pass show with no other
    arguments = [1000 * point.cotangent, *(point.arrays[t.name] for t in right.symbolic.inputs)]
    wanted = right.backward(*(a.copy() for a in arguments), **point.options)
    try:
        got = wrong.backward(*(a.copy() for a in arguments), **point.options)
    except Exception:
        return True
    if not isinstance(got, tuple) or len(got) != len(wanted):
        return True
    same_shape = np.shape(got[k]) == np.shape(wanted[k])
    return not (same_shape and np.allclose(got[k], wanted[k], rtol=1e-6, atol=1e-9))


def test_mutants_are_of_many_kinds():
    source = "def backward(dY, X):\n    '''.'''\n    return dY.T @ X, -dY.sum(axis=0)\n"
    changes = [m.change for m in mutants.mutants(source)]
    assert {"dY.T -> (dY)", "-dY.sum(axis=0) -> (dY.sum(axis=0))", "0 -> (1)"} <= {*changes}
    assert len(changes) >= 10
