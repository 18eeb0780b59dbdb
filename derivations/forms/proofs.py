"""Why an equation holds for all sizes, in words: what the proof did and where it ended."""

from gradcheck.derivations.calculus.normal.prove import Proof
from gradcheck.derivations.calculus.normal.write import written
from gradcheck.derivations.calculus.terms import Setting
from gradcheck.derivations.forms.order import tidy
from gradcheck.derivations.forms.text import text


def proof_text(proof: Proof, setting: Setting) -> tuple[str, ...]:
    """Short sentences: the common form of both sides, definitions, rules, facts, assumptions."""
    told = []
    if proof.form is not None:
        told.append(f"both sides are {text(tidy(written(proof.form, setting)))}")
    if proof.unfolded:
        told.append(f"inserted: {', '.join(proof.unfolded)}")
    if proof.method != "normal form":
        told.append(f"by {proof.method}")
    if proof.rules:
        told.append("rules: " + ", ".join(f"{rule} ({count})" for rule, count in proof.rules))
    told += [f"fact: {fact}" for fact in proof.facts]
    told += [f"assumed: {assumption}" for assumption in proof.assumptions]
    told += [f"checked at random sizes only: {doubt}" for doubt in proof.doubts]
    return tuple(told)
