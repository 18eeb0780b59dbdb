"""The first witness's own account: every written step, compared with the one before."""

from collections.abc import Iterator

from gradcheck.checks.layers import Layer
from gradcheck.checks.verdict import StepCheck
from gradcheck.derivations.calculus.compare import Comparer, Status, Verdict
from gradcheck.derivations.notation import Chain, Derivation, NotationError

MATRIX_FORM = "matrix form"


def check_steps(layer: Layer, wrt: tuple[str, ...]) -> tuple[StepCheck, ...]:
    """Verdicts on the steps of the derivations by some inputs, and of the lemmas they use."""
    comparer = Comparer(layer.symbolic.setting)
    checks = [
        check
        for number, lemma in enumerate(layer.symbolic.lemmas, start=1)
        for check in _chain(comparer, "", number, lemma)
    ]
    for name in wrt:
        derivation = layer.symbolic.derivation_by(name)
        for number, chain in enumerate(derivation.chains, start=1):
            checks += _chain(comparer, name, number, chain)
        if derivation.matrix is not None:
            checks.append(_matrix_form(comparer, derivation))
    return tuple(checks)


def _matrix_form(comparer: Comparer, derivation: Derivation) -> StepCheck:
    gradient = entry = derivation.chains[-1].result
    try:
        entry = derivation.matrix_entry
        verdict = comparer.compare(gradient, entry)
    except NotationError as error:
        verdict = Verdict(Status.REFUTED, reason=str(error))
    number = len(derivation.chains) + 1
    return StepCheck(derivation.input, number, 1, gradient, entry, MATRIX_FORM, None, verdict)


def _chain(comparer: Comparer, name: str, number: int, chain: Chain) -> Iterator[StepCheck]:
    left = chain.lhs
    for place, step in enumerate(chain.steps, start=1):
        verdict = comparer.compare(left, step.expr, chain.where)
        yield StepCheck(name, number, place, left, step.expr, step.reason, chain.where, verdict)
        left = step.expr
