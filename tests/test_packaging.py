"""The project arrives whole, whichever way it is installed, and works when it is not."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest
from commands import run
from packaging.requirements import Requirement  # pytest needs it, so it is there
from source import FOLDERS, ROOT, SETTINGS, copy_tree, import_name, imported

EXE = sysconfig.get_config_var("EXE")  # .exe on Windows, elsewhere nothing
SETUPTOOLS = SETTINGS["build-system"]["requires"][0]

# What pip is asked to install, and where the modules then have to come from.
WAYS = {
    "a wheel": (["{wheel}"], "{site}"),
    "a lenient editable install": (["--editable={clone}"], "{clone}"),
    "a strict editable install": (
        ["--editable={clone}", "--config-settings=editable_mode=strict"],
        "{clone}",
    ),
}

VERSION = SETTINGS["project"]["version"]
PRINT_VERSION = "import gradcheck; print(gradcheck.__version__)"

# What is typed after an installation, and what then has to be read.
COMMANDS = {
    "gradcheck --help": ([f"{{scripts}}/gradcheck{EXE}", "--help"], "usage: gradcheck"),
    "python -m gradcheck --help": (["{python}", "-m", "gradcheck", "--help"], "usage: gradcheck"),
    "gradcheck.__version__": (["{python}", "-c", PRINT_VERSION], VERSION),
}

# The same in the root of a clone that was never installed.
FIND = "import importlib; importlib.import_module('checks._devpath').install();"
CLONE_COMMANDS = {
    "python -m checks --help": (["{python}", "-m", "checks", "--help"], "usage: "),
    "gradcheck.__version__": (["{python}", "-c", FIND + PRINT_VERSION], VERSION),
}

PRINT_FILES = """
import gradcheck, gradcheck.derivations, gradcheck.numeric, gradcheck.checks.cli
for module in gradcheck, gradcheck.derivations, gradcheck.numeric, gradcheck.checks.cli:
    print(module.__file__)
"""

# A repository of someone whose packages are called as our folders are.
REPOSITORY = {
    "checks/__init__.py": "MINE = 1\n",
    "derivations/__init__.py": "MINE = 2\n",
    "numeric/__init__.py": "MINE = 3\n",
    "numeric/tanh.py": """
import numpy as np

def forward(x):
    return np.tanh(x)

def backward(dout, x):
    return dout * (1 - np.tanh(x) ** 2)
""",
    "test_mine.py": """
import checks, derivations, numeric, gradcheck
from numeric.tanh import backward, forward

test_suite = gradcheck.suite((forward, backward, {"x": (3, 2)}), "softmax", "numeric/tanh.py")

def test_packages():
    assert [p.MINE for p in (checks, derivations, numeric)] == [1, 2, 3]
""",
}
# what `pytest` does, which has no folder of its own on the path, and what is typed otherwise
SESSIONS = {
    "pytest": ["-P", "-c", "import pytest, sys; sys.exit(pytest.main())"],
    "python -m pytest": ["-m", "pytest"],
}

# Lends an environment the dependencies of the one that runs the tests, but never its gradcheck.
LEND = """
import sys
from importlib.machinery import PathFinder
from importlib.metadata import DistributionFinder, MetadataPathFinder

class Lender:
    @staticmethod
    def find_distributions(context=DistributionFinder.Context()):
        if context.name in (None, "gradcheck"):  # nor do plugins of that environment take part
            return []
        lent = DistributionFinder.Context(name=context.name, path={path})
        return MetadataPathFinder.find_distributions(lent)

    @staticmethod
    def find_spec(name, path=None, target=None):
        lent = path is None and name != "gradcheck"
        return PathFinder.find_spec(name, {path}) if lent else None

sys.meta_path.append(Lender)
"""


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and beside it a folder to stand in which is not a clone."""

    home: Path
    python: Path
    scripts: Path
    site: Path


def test_the_packages_of_pyproject_are_those_of_the_tree():
    inits = [init for folder in FOLDERS for init in (ROOT / folder).rglob("__init__.py")]
    names = [import_name(init.parent.relative_to(ROOT)) for init in inits]
    assert sorted(names) == sorted(SETTINGS["tool"]["setuptools"]["packages"])


def test_the_wheel_holds_every_file_of_the_tree_unchanged(wheel):
    with ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    tree = {
        f"{import_name(path.parent.relative_to(ROOT)).replace('.', '/')}/{path.name}": path
        for folder in FOLDERS
        for pattern in ("*.py", "py.typed")
        for path in (ROOT / folder).rglob(pattern)
    }
    assert set(tree) == {name for name in packed if ".dist-info/" not in name}
    assert [name for name, path in tree.items() if path.read_bytes() != packed[name]] == []


@pytest.mark.parametrize("package", ["", "derivations/", "numeric/", "checks/"])
def test_type_checkers_are_told_that_the_package_is_typed(package, wheel):
    assert f"gradcheck/{package}py.typed" in ZipFile(wheel).namelist()


@pytest.mark.parametrize("command", COMMANDS)
def test_an_installed_command_works(command, installed):
    environment, _ = installed
    words, answer = COMMANDS[command]
    words = [word.format(**vars(environment)) for word in words]
    assert answer in run(*words, cwd=environment.home)


def test_an_installed_module_comes_from_where_it_should(installed):
    environment, source = installed
    files = run(environment.python, "-c", PRINT_FILES, cwd=environment.home).splitlines()
    assert [file for file in files if not Path(file).is_relative_to(source)] == []


@pytest.mark.parametrize("session", SESSIONS)
def test_the_plugin_works_in_a_repository_with_packages_of_our_names(session, installed, tmp_path):
    environment, _ = installed
    for name, text in REPOSITORY.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    words = [*SESSIONS[session], "-p", "no:cacheprovider"]
    output = run(environment.python, *words, cwd=tmp_path)
    assert "3 gradients in 3 tests: all right" in output
    assert "4 passed" in output


@pytest.mark.parametrize("command", CLONE_COMMANDS)
def test_a_command_works_in_a_clone_that_is_not_installed(command, empty_environment, clone):
    words, answer = CLONE_COMMANDS[command]
    words = [word.format(**vars(empty_environment)) for word in words]
    assert answer in run(*words, cwd=clone)


def test_a_module_of_a_clone_that_is_not_installed_comes_from_it(empty_environment, clone):
    files = run(empty_environment.python, "-c", FIND + PRINT_FILES, cwd=clone).splitlines()
    assert [file for file in files if not Path(file).is_relative_to(clone)] == []


def test_no_file_imports_the_folders_by_their_bare_names():
    assert bare_imports(ROOT) == []


@pytest.mark.parametrize(
    "line", ["import numeric", "from checks import run", "if True:\n    import derivations.linear"]
)
def test_a_bare_import_is_found(line, tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "planted.py").write_text(line, encoding="utf-8")
    assert len(bare_imports(tmp_path)) == 1


def bare_imports(root: Path) -> list[str]:
    """Imports of `numeric` where gradcheck.numeric is meant: a second module with other classes."""
    return [
        f"{path.relative_to(root).as_posix()}:{line} imports {name}"
        for folder in (*FOLDERS, "tests")
        for path in (root / folder).rglob("*.py")
        for line, name in imported(path)
        if name.partition(".")[0] in FOLDERS
    ]


@pytest.fixture(scope="session")
def backend(tmp_path_factory):
    """A folder with setuptools alone in it: the builds together need one download, or none."""
    if find_spec("pip") is None:
        pytest.skip("nothing can be built: this Python has no pip")
    folder = tmp_path_factory.mktemp("backend")
    for file in setuptools_of_this_environment():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file.locate(), folder / file)
    if not any(folder.iterdir()):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
        if subprocess.run([*pip, SETUPTOOLS], stdin=subprocess.DEVNULL, check=False).returncode:
            pytest.skip(f"nothing can be built: no {SETUPTOOLS} here, and pip cannot download it")
    return folder


def setuptools_of_this_environment():
    """The files of an installed setuptools, if it is recent enough to build the project."""
    try:
        found = distribution("setuptools")
    except PackageNotFoundError:
        return []
    recent = Requirement(SETUPTOOLS).specifier.contains(found.version)
    files = [file for file in found.files or [] if ".." not in file.parts]
    return [file for file in files if recent and file.locate().is_file()]


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    return new_clone(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="session")
def wheel(backend, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = new_clone(folder / "clone")  # its own: a build leaves files behind
    pip(["wheel", "--no-deps", f"--wheel-dir={folder}", str(source)], folder, backend)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session", params=WAYS)
def installed(request, wheel, backend, tmp_path_factory):
    """An environment with gradcheck installed in one of the ways, and where it must come from."""
    what, source = WAYS[request.param]
    environment = new_environment(tmp_path_factory.mktemp("installed"))
    places = {"clone": new_clone(environment.home / "clone"), "wheel": wheel, **vars(environment)}
    words = ["install", "--no-deps", "--no-index", *(word.format(**places) for word in what)]
    pip(["--python", str(environment.python), *words], environment.home, backend)
    return environment, Path(source.format(**places))


@pytest.fixture(scope="session")
def empty_environment(tmp_path_factory):
    return new_environment(tmp_path_factory.mktemp("empty"))


def pip(words: list[str], cwd: Path, backend: Path) -> None:
    isolation = ["--no-build-isolation"]
    run(sys.executable, "-m", "pip", *words, *isolation, cwd=cwd, PYTHONPATH=str(backend))


def new_clone(folder: Path) -> Path:
    return copy_tree(folder, "pyproject.toml", "README.md", "LICENSE")


def new_environment(home: Path) -> Environment:
    """A fresh virtual environment, quick to make: no pip in it, and the dependencies are lent."""
    folder = home / "venv"
    venv.EnvBuilder(symlinks=os.name != "nt").create(folder)
    base = {"base": str(folder), "platbase": str(folder)}
    scripts, site = (Path(sysconfig.get_path(p, "venv", base)) for p in ("scripts", "purelib"))
    (site / "lender.py").write_text(LEND.format(path=sys.path), encoding="utf-8")
    (site / "lender.pth").write_text("import lender\n", encoding="utf-8")
    return Environment(home, scripts / f"python{EXE}", scripts, site)
