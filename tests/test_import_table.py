"""Who may import whom: the symbolic and the analytic witness know nothing of each other."""

import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from source import ROOT, copy_tree, imported

CALCULUS = "gradcheck.derivations.calculus"
NOTATION = "gradcheck.derivations.notation"
FORMS = "gradcheck.derivations.forms"
READING = "gradcheck.derivations.reading"

# Which files, and what they may import beside the standard library.
TABLE = {
    "derivations imports SymPy: never NumPy, numeric or checks": (
        ["derivations/**/*.py"], {"sympy", "gradcheck.derivations"},
    ),
    "the calculus knows neither notation, nor forms, nor layers": (
        ["derivations/calculus/**/*.py"], {"sympy", CALCULUS},
    ),
    "the notation knows the calculus, but neither forms nor layers": (
        ["derivations/notation/**/*.py"], {"sympy", CALCULUS, NOTATION},
    ),
    "forms know the calculus, but neither notation nor layers": (
        ["derivations/forms/**/*.py"], {"sympy", CALCULUS, FORMS},
    ),
    "reading knows the calculus and the notation, but neither forms nor layers": (
        ["derivations/reading/**/*.py"], {"sympy", CALCULUS, NOTATION, READING},
    ),
    "a layer is written in the notation; norms share one derivation, convolutions another": (
        ["derivations/[!_]*.py"],
        {NOTATION, "gradcheck.derivations.batch_norm", "gradcheck.derivations.conv1d",
         "gradcheck.derivations.conv_transpose1d"},
    ),
    "numeric imports NumPy: never SymPy, derivations or checks": (
        ["numeric/**/*.py"], {"numpy", "gradcheck.numeric"},
    ),
    "checks needs no more than the declared dependencies": (
        ["checks/[!ap]*/**/*.py", "checks/[!p]*.py"], {"numpy", "sympy", "tabulate", "gradcheck"},
    ),
    "the plugin knows pytest too": (
        ["checks/plugin/**/*.py"], {"pytest", "tabulate", "gradcheck"},
    ),
    "other processes are reached through joblib, where it is installed": (
        ["checks/parallel.py"], {"joblib", "distributed", "ray", "gradcheck.checks.layers"},
    ),
    "the adapters know torch and jax, where they are installed, but not SymPy": (
        ["checks/adapters/**/*.py"],
        {"numpy", "torch", "jax", "gradcheck.checks.gradient", "gradcheck.checks.layers",
         "gradcheck.checks.adapters"},
    ),
    "the checker needs NumPy alone, and neither SymPy nor layers of ours": (
        ["checks/gradient/**/*.py", "checks/mistakes/**/*.py"],
        {"numpy", "gradcheck.checks.gradient", "gradcheck.checks.mistakes",
         "gradcheck.checks.layers"},
    ),
    "the finder for clones needs the standard library alone": (
        ["checks/_devpath.py"], set(),
    ),
}  # fmt: skip

# Inside checks/: a row may import itself and the rows above.
ORDER = [
    ["layers"],
    ["terminal"],
    ["arguments"],
    ["gradient", "mistakes"],
    ["arrays"],
    ["kinks"],
    ["points"],
    ["witnesses"],
    ["verdict"],
    ["steps"],
    ["one_layer"],
    ["parallel", "pickled"],
    ["run"],
    ["adapters"],
    ["reference"],
    ["functions"],
    ["report", "handout"],
    ["own"],
    ["baseline", "project"],
    ["plugin", "campaign", "output"],
    ["derive"],
    ["cli"],
]
OUTSIDE_THE_ORDER = ["__init__", "__main__", "_devpath", "_facade"]

BELOW_CHECKS = {
    "numpy", "sympy", "tabulate", "torch", "jax", "pytest", "joblib", "distributed", "ray",
    "gradcheck.derivations", "gradcheck.numeric",
    "gradcheck.__version__",  # the facade reads it without importing anything of checks/
}  # fmt: skip

for position, row in enumerate(ORDER):
    below = [name for earlier in ORDER[: position + 1] for name in earlier]
    TABLE[f"in checks, nothing is imported by {' or '.join(row)} that comes later"] = (
        [pattern for name in row for pattern in (f"checks/{name}.py", f"checks/{name}/**/*.py")],
        BELOW_CHECKS | {f"gradcheck.checks.{name}" for name in below},
    )

PLANTED = [
    ("derivations/calculus/planted.py", "import numpy"),
    ("derivations/calculus/planted.py", "import gradcheck.derivations"),
    ("derivations/calculus/planted.py", "from gradcheck.derivations import notation"),
    ("derivations/calculus/planted.py", "def late():\n    import gradcheck.derivations.planted"),
    ("derivations/notation/planted.py", "from gradcheck.derivations.forms import planted"),
    ("derivations/notation/planted.py", "from gradcheck.derivations import planted"),
    ("derivations/forms/planted.py", "from gradcheck.derivations.notation import planted"),
    ("derivations/planted.py", "import sympy"),
    ("derivations/planted.py", "from gradcheck.derivations.calculus import planted"),
    ("numeric/planted.py", "from sympy import Symbol"),
    ("numeric/planted.py", "import gradcheck.derivations.planted"),
    ("numeric/planted.py", "from gradcheck import checks"),
    ("numeric/planted.py", "from . import planted"),
    ("numeric/planted.py", "import_module('torch')"),
    ("checks/_devpath.py", "import gradcheck"),
    ("checks/points.py", "from gradcheck.checks import witnesses"),
    ("checks/witnesses.py", "import gradcheck.checks.verdict"),
    ("checks/verdict.py", "from gradcheck.checks.run import planted"),
    ("checks/run.py", "from gradcheck.checks.report.planted import planted"),
    ("checks/run.py", "from gradcheck import check"),
    ("checks/report/planted.py", "from gradcheck.checks import cli"),
    ("checks/gradient/planted.py", "import sympy"),
    ("checks/mistakes/planted.py", "from gradcheck.checks.points import draw"),
    ("checks/adapters/planted.py", "from gradcheck.derivations import planted"),
    ("checks/cli.py", "import torch"),
    ("checks/plugin/suite.py", "import numpy"),
    ("checks/parallel.py", "import dask"),
    ("checks/baseline.py", "from gradcheck.checks.campaign import run"),
]


@pytest.mark.parametrize("sentence", TABLE)
def test_imports_follow_the_table(sentence):
    patterns, _ = TABLE[sentence]
    assert [path for pattern in patterns for path in ROOT.glob(pattern)], "no file to look at"
    assert forbidden_imports(ROOT, sentence) == []


@pytest.mark.parametrize(("file", "line"), PLANTED, ids=lambda part: part.replace("\n", " "))
def test_a_planted_import_is_found(file, line, tmp_path):
    with (copy_tree(tmp_path) / file).open("a", encoding="utf-8") as planted:
        planted.write(f"\n{line}\n")
    found = set(all_forbidden_imports(tmp_path)) - set(all_forbidden_imports(ROOT))
    assert {each.partition(":")[0] for each in found} == {file}


def test_every_part_of_checks_has_its_place_in_the_order():
    files = {path.stem for path in ROOT.glob("checks/*.py")}
    folders = {path.parent.name for path in ROOT.glob("checks/*/__init__.py")}
    assert files | folders == set(OUTSIDE_THE_ORDER).union(*ORDER)


def test_the_parts_of_checks_import_each_other_without_cycles():
    TopologicalSorter(imports_inside_checks(ROOT)).prepare()


def test_a_planted_cycle_is_found(tmp_path):
    copy_tree(tmp_path)
    (tmp_path / "checks/points.py").write_text("import gradcheck.checks.layers")
    (tmp_path / "checks/layers.py").write_text("from gradcheck.checks import points")
    with pytest.raises(CycleError):
        TopologicalSorter(imports_inside_checks(tmp_path)).prepare()


def all_forbidden_imports(root: Path) -> list[str]:
    return [each for sentence in TABLE for each in forbidden_imports(root, sentence)]


def forbidden_imports(root: Path, sentence: str) -> list[str]:
    """`file:line imports name` for each import that a row of the table does not allow."""
    patterns, allowed = TABLE[sentence]
    return [
        f"{path.relative_to(root).as_posix()}:{line} imports {name}"
        for pattern in patterns
        for path in sorted(root.glob(pattern))
        for line, name in imported(path)
        if not any(f"{name}.".startswith(f"{package}.") for package in allowed)
        and name.partition(".")[0] not in sys.stdlib_module_names
    ]


def imports_inside_checks(root: Path) -> dict[str, set[str]]:
    """Which parts of checks/ each part imports: {"run": {"verdict", "witnesses"}, ...}."""
    graph: dict[str, set[str]] = {}
    for path in root.glob("checks/**/*.py"):
        part = path.relative_to(root / "checks").with_suffix("").parts[0]
        names = [name.split(".") for _, name in imported(path)]
        others = {name[2] for name in names if name[:2] == ["gradcheck", "checks"] and name[2:]}
        graph[part] = graph.get(part, set()) | others - {part}
    return graph
