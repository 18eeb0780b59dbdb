"""Order along an axis: turned round, shifted by one, later steps forgotten, kernels flipped."""

from collections.abc import Iterator

import numpy as np

from gradcheck.checks.mistakes.evidence import Array, Evidence
from gradcheck.checks.mistakes.hypotheses.guess import Guess, axes, long_subsets

FORGOTTEN = 1e-4  # of the gradient: what a forgotten path leaves out is no matter of rounding


def turned(evidence: Evidence) -> Iterator[Guess]:
    """The gradient with an axis, or several, in the opposite order."""
    wrong = evidence.wrong
    for chosen in long_subsets(wrong) if evidence.same_shape else ():
        code = "time-reversed" if _is_time(evidence, chosen) else "flipped"
        said = f"{evidence.it} in the opposite order along {axes(chosen)} matches"
        yield Guess(code, said, np.flip(wrong, chosen))


def shifted(evidence: Evidence) -> Iterator[Guess]:
    """Off by one along an axis; what falls off one end comes in at the other, or is unknown."""
    wrong, right = evidence.wrong, evidence.numerical
    for axis, length in enumerate(wrong.shape if evidence.same_shape else ()):
        for step in (1, -1):
            said = f"{evidence.it} is shifted by one along axis {axis}"
            if length > 2:
                yield Guess("shifted", said, np.roll(wrong, step, axis))
            if length > 3 and right is not None:
                one, other = (np.moveaxis(a, axis, 0) for a in (wrong, right))
                pair = (one[:-1], other[1:]) if step == 1 else (one[1:], other[:-1])
                if other[1:-1].any() and evidence.same(*pair):
                    yield Guess("shifted", said)


def turned_backward(evidence: Evidence) -> Iterator[Guess]:
    """The backward pass runs in the wrong order: turned round before and after, it matches."""
    up, wrong = evidence.cotangent, evidence.wrong
    offset = up.ndim - wrong.ndim
    for chosen in long_subsets(wrong) if offset == 0 else ():
        if max(chosen) >= up.ndim or any(up.shape[axis] < 2 for axis in chosen):
            continue
        found = evidence.other(np.flip(up, chosen))
        if found is None:
            continue
        if _has_kernel(evidence):
            said = f"{evidence.it} uses the kernel in the wrong order along {axes(chosen)}"
            yield Guess("flipped", f"{said}: flipped, it matches", np.flip(found, chosen))
        else:
            said = f"{evidence.it} runs through {axes(chosen)} in the wrong direction"
            yield Guess("time-reversed", said, np.flip(found, chosen))


def cotangent_turned(evidence: Evidence) -> Iterator[Guess]:
    """The cotangent is read in the wrong order."""
    for axis, length in enumerate(evidence.cotangent.shape):
        found = evidence.other(np.flip(evidence.cotangent, axis)) if length > 1 else None
        if found is not None:
            said = f"{evidence.it} matches with the cotangent in the opposite order along "
            yield Guess("time-reversed", f"{said}axis {axis} of the output", found)


def recurrent(evidence: Evidence, jacobian: Array) -> Iterator[Guess]:
    """Only the direct path is there, not the one through later time steps."""
    up, x, wrong, it = evidence.cotangent, evidence.x, evidence.wrong, evidence.it
    for axis in range(up.ndim):
        steps = up.shape[axis]
        for inner in range(x.ndim):
            if x.shape[inner] != steps or steps < 3:
                continue
            blocks = _blocks(jacobian, up, axis, inner)
            if not _causal(blocks):
                continue
            here = np.stack([blocks[t, t] for t in range(steps)])
            now = np.moveaxis(wrong, inner, 0) if evidence.same_shape else wrong
            if evidence.same(now, here, up.size):
                said = f"{it} is what each step along axis {inner} adds to its own output"
                yield Guess("recurrent-path", f"{said}: the path through later steps is missing")
            earlier = np.stack([blocks[: t + 1, t].sum(axis=0) for t in range(steps)])
            if evidence.same(now, earlier, up.size) or _looks_back(evidence, axis, inner):
                said = f"{it} runs through axis {inner} in the wrong direction"
                said = f"{said}: it must collect what comes back from later steps"
                yield Guess("time-reversed", said)


def later_steps(evidence: Evidence, jacobian: Array) -> Iterator[Guess]:
    """Right for what comes back from the first step, wrong for what comes back from later ones."""
    up = evidence.cotangent
    for axis, steps in enumerate(up.shape):
        if steps < 3 or evidence.again is None or not evidence.same_shape:
            continue
        off, ranks = [], []
        for step in (0, 1, steps - 1):
            found = evidence.other(_only(up, axis, step))
            truth = np.tensordot(_only(up, axis, step), jacobian, up.ndim)
            if found is None or not truth.any():
                break
            ranks.append(_rank(truth))
            off.append(float(np.abs(found - truth).max() / np.abs(truth).max()))
        growing = len(ranks) == 3 and (ranks[2] > ranks[0] or evidence.x.ndim < 2)
        if growing and off[0] < FORGOTTEN / 100 and min(off[1:]) > FORGOTTEN:
            said = f"{evidence.it} is right for the cotangent of the first step along axis {axis}"
            said = f"{said} of the output, and wrong for later ones"
            yield Guess("recurrent-path", f"{said}: the path through earlier states is missing")


FAMILY = (turned, shifted)
LATE = (turned_backward, cotangent_turned)
JACOBIAN = (recurrent, later_steps)


def _rank(gradient: Array) -> int:
    """Its rank as a matrix, which grows with the steps that take part."""
    if gradient.ndim < 2:
        return 1
    sizes = np.linalg.svd(gradient.reshape(-1, gradient.shape[-1]), compute_uv=False)
    return int((sizes > 1e-6 * sizes.max(initial=0.0)).sum())


def _is_time(evidence: Evidence, chosen: tuple[int, ...]) -> bool:
    """Whether an axis of the input is one of the output too, as time is, and not of a kernel."""
    shape, (axis, *more) = evidence.output.shape, chosen
    return not more and axis < len(shape) and shape[axis] == evidence.x.shape[axis]


def _has_kernel(evidence: Evidence) -> bool:
    others = [v for name, v in evidence.inputs.items() if name != evidence.name]
    return any(v.dtype.kind in "fc" and v.size > 1 for v in others)


def _only(up: Array, axis: int, step: int) -> Array:
    """The cotangent of one step, 0 elsewhere."""
    mask = np.zeros(up.shape[axis])
    mask[step] = 1
    return np.asarray(up * mask.reshape([-1 if k == axis else 1 for k in range(up.ndim)]))


def _blocks(jacobian: Array, up: Array, axis: int, inner: int) -> Array:
    """What the cotangent of step s gives to step t of the input: s and t first."""
    weighted = np.moveaxis(
        jacobian * up.reshape(up.shape + (1,) * (jacobian.ndim - up.ndim)), axis, 0
    )
    summed = weighted.reshape(up.shape[axis], -1, *jacobian.shape[up.ndim :]).sum(axis=1)
    return np.moveaxis(summed, inner + 1, 1)


def _causal(blocks: Array) -> bool:
    """Whether outputs depend on their own step and on earlier ones, and on nothing later."""
    size = np.abs(blocks).reshape(*blocks.shape[:2], -1).max(axis=2)
    tiny = 1e-6 * float(size.max(initial=0.0))
    return not (np.triu(size, 1) > tiny).any() and bool((np.diag(size, -1) > tiny).any())


def _looks_back(evidence: Evidence, axis: int, inner: int) -> bool:
    """Whether what comes in at a step reaches later steps of the input, and no earlier ones."""
    if not evidence.same_shape:
        return False
    first = evidence.other(_only(evidence.cotangent, axis, 0))
    last = evidence.other(_only(evidence.cotangent, axis, -1))
    if first is None or last is None:
        return False
    reached, spared = np.moveaxis(first, inner, 0)[1:], np.moveaxis(last, inner, 0)[:-1]
    return bool(reached.any()) and not spared.any()
