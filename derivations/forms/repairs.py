"""What to say of a mistake: `δ_ni should be δ_nj`, `the factor 1/N is missing`.

A sentence is made of words and formulas, so that each form can print the formulas in its own way.
"""

from typing import Any

from sympy import Add, Function, Mul, Sum

from gradcheck.derivations.calculus.mistakes.edits import places, sum_of
from gradcheck.derivations.calculus.mistakes.layout import DENOMINATOR, NUMERATOR
from gradcheck.derivations.calculus.mistakes.repair import Repair
from gradcheck.derivations.calculus.terms import D, free_indices, plain
from gradcheck.derivations.forms.order import tidy
from gradcheck.derivations.forms.products import signed
from gradcheck.derivations.forms.text import matrix_text, text

Sentence = tuple[Any, ...]  # words, as strings, and formulas

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
USUAL = {  # what this toolkit writes, where no other line of an author says so
    NUMERATOR: "a Jacobian has the axes of the output first here",
    DENOMINATOR: "a gradient has the shape of its variable here",
}


def repair_text(repair: Repair, usual: str = "") -> str:
    """The sentence in one line of Unicode text. `usual`: see `sentence`."""
    return spelled(sentence(repair, usual))


def expected_text(left: Any, expr: Any) -> str:
    """The correct expression for a left side, where no single edit leads to it."""
    return text(in_order(left, expr))


def in_order(left: Any, expr: Any) -> Any:
    """What a left side is equal to as a person would write it: a Jacobian by its output first."""
    return tidy(expr, tuple(free_indices(left.of)) if isinstance(left, D) else ())


def spelled(words: Sentence) -> str:
    """Words and formulas as one line of Unicode text."""
    return "".join(p if isinstance(p, str) else _formula(p) for p in words)


def sentence(repair: Repair, usual: str = "") -> Sentence:
    """What is wrong and what it should be, as words and formulas.

    usual  the layout of the author's other lines, if this is about layout
    """
    if repair.code == "layout":
        return (_layout(repair, usual),)
    if is_matrix(repair.mended):
        return (repair.was, " should be ", repair.becomes)
    if repair.code == "left-side":
        return ("the right side is ", repair.mended, ", not ", repair.wrong)
    if repair.code in PHRASES:
        return PHRASES[repair.code](repair)
    if repair.was is None and repair.code == "missing-term" and _inside(repair, Mul):
        node = _node(repair.wrong, repair.path)
        if isinstance(node, Add):
            return ("the term ", _tidied(repair), " is missing in ", node)
        return (node, " should be ", sum_of([node, _tidied(repair)]))
    if repair.was is None:
        return (f"the {_kind(repair)} ", _tidied(repair), " is missing", *_where(repair))
    if repair.becomes is None:
        return (*_which(repair, f"{_kind(repair)} "), " should not be there")
    borrowed = repair.code in ("wrong-factor", "wrong-term")
    return (*_which(repair), " should be ", _tidied(repair) if borrowed else repair.becomes)


def is_matrix(formula: Any) -> bool:
    """Whether a formula is in matrix notation, not in indices."""
    return hasattr(formula, "entry_at")


def _formula(formula: Any) -> str:
    return matrix_text(formula) if is_matrix(formula) else text(formula)


def _layout(repair: Repair, usual: str) -> str:
    if usual == repair.was:
        return f"right in {repair.was} layout, as your other lines are"
    other = f"your other lines use {usual} layout" if usual else USUAL[repair.becomes]
    return f"right in {repair.was} layout; {other}"


def _kind(repair: Repair) -> str:
    return "term" if repair.code.endswith("term") else "factor"


def _which(repair: Repair, noun: str = "") -> Sentence:
    """The wrong part, counted if the formula has it more than once."""
    same = [p.path for p in places(repair.wrong) if p.node == repair.was]
    article = "the " if noun else ""
    if len(same) > 1 and repair.path in same:
        return (f"the {ORDINALS[same.index(repair.path) % len(ORDINALS)]} {noun}", repair.was)
    return (f"{article}{noun}", repair.was)


def _where(repair: Repair) -> Sentence:
    """The term or the argument in which something is missing; nothing if it is all there is."""
    if not repair.path:
        return ()
    if _inside(repair, Sum):
        return ()
    names = ((Add, "term"), (Mul, "factor"), (Function, "argument"), (D, "derivative of"))
    noun = next((name for kind, name in names if _inside(repair, kind)), "part")
    return (f" in the {noun} ", _node(repair.wrong, repair.path))


def _inside(repair: Repair, kind: Any) -> bool:
    """Whether the node that was edited is a direct part of a product, a sum ..."""
    return bool(repair.path) and isinstance(_node(repair.wrong, repair.path[:-1]), kind)


def _tidied(repair: Repair) -> Any:
    """What was borrowed from a derivative, in a reader's order."""
    return tidy(repair.becomes, tuple(free_indices(repair.wrong)))


def _node(tree: Any, path: tuple[int, ...]) -> Any:
    for k in path:
        tree = tree.args[k]
    return tree


def _sign(repair: Repair) -> Sentence:
    if not repair.path:
        return ("the sign is wrong: it should be ", repair.becomes)
    return ("the sign of ", signed(repair.was)[1], " is wrong")


def _exchanged(repair: Repair) -> Sentence:
    inside = (" in ", _node(repair.wrong, repair.path)) if repair.path else ()
    return (repair.was, " and ", repair.becomes, " are exchanged", *inside)


def _letter(repair: Repair) -> Sentence:
    return (repair.was, " should be ", repair.becomes, " throughout")


def _bound(repair: Repair) -> Sentence:
    pairs = zip(repair.was.limits, repair.becomes.limits, strict=True)
    ((index, *old), (_, *new)) = next(
        (a, b) for a, b in pairs if [*map(plain, a)] != [*map(plain, b)]
    )
    old = [*map(plain, old)]
    start = ("the sum over ", index, " should ")
    if old[0] == new[0]:
        return (*start, "end at ", tidy(new[1]), ", not at ", tidy(old[1]))
    if old[1] == new[1]:
        return (*start, "begin at ", tidy(new[0]), ", not at ", tidy(old[0]))
    return (*start, "run from ", tidy(new[0]), " to ", tidy(new[1]))


def _missing_sum(repair: Repair) -> Sentence:
    index = repair.becomes.limits[0][0] if isinstance(repair.becomes, Sum) else None
    if not repair.path and index is not None and repair.was == repair.wrong:
        return ("the sum over ", index, " is missing")
    return ("a sum is missing: ", repair.was, " should be ", repair.becomes)


def _extra_sum(repair: Repair) -> Sentence:
    instead = (
        () if repair.becomes is None else (", and ", repair.was, " should be ", repair.becomes)
    )
    return ("the sum over ", repair.was, " should not be there", *instead)


def _sum_index(repair: Repair) -> Sentence:
    return ("the sum should be over ", repair.becomes, ", not over ", repair.was)


PHRASES = {
    "sign": _sign,
    "exchanged-letters": _exchanged,
    "letter": _letter,
    "bound": _bound,
    "missing-sum": _missing_sum,
    "extra-sum": _extra_sum,
    "sum-index": _sum_index,
}
