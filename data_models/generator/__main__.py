"""`python -m data_models.generator [--check]`"""

import ast
import shutil
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from data_models.generator.schemas import read_types
from data_models.generator.source import module_name, package_module, registry_module, subject_module

ROOM = Path(__file__).parent.parent


def generated() -> dict[str, str]:
    """File (relative to data_models/) → what it has to say."""
    types = list(read_types())
    by_module = groupby(sorted(types, key=module_name), key=module_name)
    modules = {f"subjects/{module}.py": subject_module(list(members)) for module, members in by_module}
    shared = {"registry.py": registry_module(types), "__init__.py": package_module(types)}
    return modules | shared | {"subjects/__init__.py": '"""One module a subject of the Smart Data Models."""\n'}


def differing(files: dict[str, str]) -> list[str]:
    """The committed files that say something else (formatting apart), and those that nothing generates any more."""
    wrong = [name for name, source in files.items() if not _says(ROOM / name, source)]
    left_over = [f"subjects/{path.name}" for path in (ROOM / "subjects").glob("*.py")]
    return sorted({*wrong, *(name for name in left_over if name not in files)})


def _says(path: Path, source: str) -> bool:
    return path.is_file() and ast.dump(ast.parse(path.read_text(encoding="utf-8"))) == ast.dump(ast.parse(source))


def main(arguments: list[str]) -> int:
    files = generated()
    if "--check" in arguments:
        wrong = differing(files)
        sys.stderr.writelines(f"{name} is not what the generator writes\n" for name in wrong)
        return 1 if wrong else 0
    for name, source in files.items():
        path = ROOM / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    paths = [str(ROOM / name) for name in files]
    subprocess.run([ruff, "check", "--quiet", "--fix", "--select", "I", *paths], check=True)  # noqa: S603
    subprocess.run([ruff, "format", "--quiet", *paths], check=True)  # noqa: S603
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
