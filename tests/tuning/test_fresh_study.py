"""The studies' file is made afresh at each start, and nobody else's file with it."""

from pathlib import Path

from bench.tuning.study import study_storage


def test_only_what_sqlite_keeps_of_the_file_makes_way_for_a_fresh_one(tmp_path: Path) -> None:
    path = tmp_path / "optuna.db"
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).write_bytes(b"of another start")
    kept = [path.with_name(path.name + ending) for ending in (".bak", "2", "-mine", ".2026-01-01")]
    for other in kept:
        other.write_text("mine")
    with study_storage(path) as storage:
        assert storage.get_all_studies() == []
    assert [other.read_text() for other in kept] == ["mine"] * len(kept)
    assert b"of another start" not in b"".join(one.read_bytes() for one in tmp_path.glob("optuna.db*"))
