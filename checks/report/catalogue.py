"""The page docs/layers.md: what every layer computes, its gradients, conventions and verdicts.

`gradcheck --list --markdown` prints it. Layers are shared among processes, since every written
step is compared with the one before.
"""

import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import gradcheck.derivations
import gradcheck.numeric
from gradcheck.checks.layers import File, LayerError, by_family, load
from gradcheck.checks.parallel import each, worth
from gradcheck.checks.report.formulas import matrix_equation
from gradcheck.checks.report.listing import described, facts
from gradcheck.checks.report.style import plural
from gradcheck.checks.report.summary import OTHERS
from gradcheck.checks.steps import check_steps
from gradcheck.derivations.calculus.compare import Status
from gradcheck.derivations.calculus.terms import D, name_of
from gradcheck.derivations.forms import definition_text, text, where_text
from gradcheck.derivations.notation import Derivation, Layer

HEADING = """# Layers

What every layer computes, and its gradients, as `gradcheck --list --markdown` prints them.
`dX` is the gradient of the loss by `X`, and has the shape of `X`; what stands beside it in brackets is one of its entries.
Sums without bounds run over the whole axis, and `δ_ij` is 1 where i = j, else 0.
`gradcheck NAME --steps` shows every step of a derivation, `gradcheck NAME --handout NAME.md` typesets it.

A derivation is written by hand, for readers, or it is found automatically.
Every step of either is PROVED to follow for all sizes and values, or TESTED at random points where no proof is found.
"""  # noqa: E501, a sentence on each line
SENTENCE_END = re.compile(r"(?<![.\s])\. (?=[A-Z`])")


@dataclass(frozen=True)
class Entry:
    """A layer on the page, and how many steps of its derivation have which verdict."""

    name: str
    lines: tuple[str, ...]
    verdicts: dict[str, int]


def page(
    files: Sequence[File],
    jobs: int = 0,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> str:
    """The page about some layers, as Markdown."""
    found = entries(files, jobs, progress)
    sections = [section(family, group, found) for family, group in by_family(files).items()]
    return "\n".join([HEADING, *overview(files, [e.verdicts for e in found.values()]), *sections])


def entries(
    files: Sequence[File],
    jobs: int = 0,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> dict[str, Entry]:
    """What the page says about each layer, by name."""
    names = [name for file in files for name in file.layers]
    found = {}
    for _, entry in each(_entry, names, jobs or worth(len(names))):
        found[entry.name] = entry
        progress(len(found), len(names), entry.name)
    progress(len(names), len(names), "")
    return found


def overview(files: Sequence[File], verdicts: Sequence[dict[str, int]]) -> list[str]:
    """How many there are, how long their files are, and the share of steps without proof."""
    counts = {status.value: sum(v.get(status.value, 0) for v in verdicts) for status in Status}
    steps = sum(counts.values())
    sizes = [_size(file) for file in files]
    tested = counts[Status.TESTED.value]
    rows = [
        ("layers", f"{len(verdicts):,}"),
        ("pairs of files", f"{len(files):,}"),
        ("lines of a pair, median", f"{statistics.median(sizes):g}"),
        ("steps of derivations", f"{steps:,}"),
        ("of these TESTED, not PROVED", f"{tested:,} ({tested / max(steps, 1):.1%})"),
    ]
    table = ["| | |", "| --- | ---: |", *(f"| {label} | {value} |" for label, value in rows), ""]
    return table + [_contents(family, group) for family, group in by_family(files).items()] + [""]


def section(family: str, files: Sequence[File], found: dict[str, Entry]) -> str:
    """All files of a family."""
    blocks = [f"## {_title(family)}"]
    for file in files:
        blocks += [f"### {file.name}", _sentences(file.summary)]
        blocks += [_sentences(paragraph) for paragraph in file.about.split("\n\n") if paragraph]
        blocks += [f"Source: {_escaped(file.source)}"] if file.source else []
        lines = ["\n".join(found[name].lines) for name in file.layers]
        blocks += ["```text\n" + "\n\n".join(lines) + "\n```"]
    return "\n\n".join(blocks) + "\n"


def _contents(family: str, files: Sequence[File]) -> str:
    links = ", ".join(f"[{file.name}](#{file.name})" for file in files)
    return f"- {family or OTHERS}: {links}"


def _title(family: str) -> str:
    """Unlike the heading of any layer, since both can be linked to."""
    return f"Family: {family or OTHERS}"


def _entry(name: str) -> Entry:
    try:
        layer = load(name)
    except LayerError as error:
        return Entry(name, (name, f"  error     {error}"), {})
    symbolic = layer.symbolic
    rows = facts(described(name, ""))
    rows += [("with", line) for line in _adjoints(symbolic)]
    for derivation in symbolic.derivations:
        rows += _gradient(derivation)
    steps = check_steps(layer, tuple(t.name for t in symbolic.differentiable))
    reached = [step.verdict.status for step in steps]
    verdicts = {s.value: reached.count(s) for s in Status if s in reached}
    how = "by hand" if symbolic.written else "automatically"
    counted = (f"{n} {plural('step', n)} {verdict}" for verdict, n in verdicts.items())
    rows.append(("derived", ", ".join([how, *counted])))
    return Entry(name, (name, *(f"  {label:8}  {line}" for label, line in rows)), verdicts)


def _adjoints(layer: Layer) -> list[str]:
    """What the gradients are written with, as a lemma has it where there is one."""
    reached = {}
    for chain in (*layer.lemmas, *(c for d in layer.derivations for c in d.chains)):
        if not isinstance(chain.lhs, D):
            reached[name_of(chain.lhs)] = f"{text(chain.lhs)} = {text(chain.result)}"
    return [reached.get(each.name) or definition_text(each) for each in layer.adjoints]


def _gradient(derivation: Derivation) -> list[tuple[str, str]]:
    """The results of a derivation: its gradient case by case, and as a product of matrices."""
    last = derivation.chains[-1]
    ends = [c for c in derivation.chains if c.where is not None and c.lhs == last.lhs] or [last]
    rows = []
    for chain in ends:
        case = f"   where {where_text(chain.where)}" if chain.where is not None else ""
        rows.append(("gradient", f"{text(chain.lhs)} = {text(chain.result)}{case}"))
    matrix = derivation.matrix
    return rows + ([("matrix", matrix_equation(derivation))] if matrix is not None else [])


def _size(file: File) -> int:
    """Lines of both files of a layer."""
    folders = (gradcheck.derivations, gradcheck.numeric)
    paths = [Path(folder) / f"{file.name}.py" for part in folders for folder in part.__path__]
    written = [p.read_text(encoding="utf-8") for p in paths if p.is_file()]
    return sum(len(source.splitlines()) for source in written)


def _sentences(paragraph: str) -> str:
    """A paragraph with every sentence on a line of its own."""
    return SENTENCE_END.sub(".\n", _escaped(" ".join(paragraph.split())))


def _escaped(words: str) -> str:
    return words.replace("*", "\\*").replace("<", "\\<")
