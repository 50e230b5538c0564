"""`python -m data_models.generator [--check | --release]`"""

import ast
import json
import shutil
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from data_models.contexts import CITY, PATH, published, released, versions
from data_models.generator import context
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


def release() -> str:
    """Notes the digest of the newest context, which must not change from then on; its version."""
    newest = versions()[-1]
    digests = dict(released()) | {newest: published()[f"{PATH}{CITY}/v{newest}.jsonld"].digest}
    text = json.dumps({str(version): digest for version, digest in digests.items()}, indent=1)
    (ROOM / "contexts/released.json").write_text(f"{text}\n", encoding="utf-8")
    return f"v{newest}"


def differing(files: dict[str, str]) -> list[str]:
    """The committed files that say something else (formatting apart), and those that nothing generates any more."""
    wrong = [name for name, source in files.items() if not _says(ROOM / name, source)]
    left_over = [f"subjects/{path.name}" for path in (ROOM / "subjects").glob("*.py")]
    return sorted({*wrong, *(name for name in left_over if name not in files)})


def _says(path: Path, source: str) -> bool:
    return path.is_file() and ast.dump(ast.parse(path.read_text(encoding="utf-8"))) == ast.dump(ast.parse(source))


def other_contexts() -> list[str]:
    """The contexts that are not as committed; a version that was released is not written again."""
    wanted = context.documents()
    return [name for name, text in wanted.items() if not (ROOM / name).is_file() or _text(name) != text]


def _text(name: str) -> str:
    return (ROOM / name).read_text(encoding="utf-8")


def main(arguments: list[str]) -> int:
    if "--release" in arguments:
        sys.stdout.write(f"{release()} is released\n")
        return 0
    files = generated()
    if "--check" in arguments:
        wrong = differing(files) + other_contexts()
        sys.stderr.writelines(f"{name} is not what the generator writes\n" for name in wrong)
        return 1 if wrong else 0
    for name, source in files.items():
        path = ROOM / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
    for name in other_contexts():
        (ROOM / name).write_text(context.documents()[name], encoding="utf-8")
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    paths = [str(ROOM / name) for name in files]
    subprocess.run([ruff, "check", "--quiet", "--fix", "--select", "I", *paths], check=True)  # noqa: S603
    subprocess.run([ruff, "format", "--quiet", *paths], check=True)  # noqa: S603
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
