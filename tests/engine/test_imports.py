"""What a source needs of a package, by import statements alone."""

from pathlib import Path

import pytest

from bench.engine.provenance import imported_sources


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """c imports b, which imports a; d stands alone."""
    folder = tmp_path / "models"
    folder.mkdir()
    lines = {
        "__init__": "from models.d import D", "a": "A = 1", "b": "from models.a import A", "c": "import models.b",
        "d": "",
    }  # fmt: skip
    for name, line in lines.items():
        (folder / f"{name}.py").write_text(f"{line}\n")
    return folder


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("from models.c import x", ["a", "b", "c"]),
        ("from models import b", ["a", "b"]),
        ("import models.d as d", ["d"]),
        ("def late():\n    from models.a import A", ["a"]),
        ("from models import D", []),
        ("from other.a import A\nimport math, modelsa", []),
    ],
)
def test_imports_are_followed_within_the_package(
    package: Path, tmp_path: Path, line: str, names: list[str]
) -> None:
    source = tmp_path / "source.py"
    source.write_text(line)
    assert [path.stem for path in imported_sources([source], package)] == names
