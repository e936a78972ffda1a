from __future__ import annotations

import stat

import pytest

from grantex_tui.cli.rewriting import replace_text
from grantex_tui.errors import InvalidFileError


def test_the_file_behind_a_link_is_written_and_the_link_and_the_permissions_stay(tmp_path):
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "m.yaml"
    real.write_bytes("critical: 50\r\n# ü\n".encode())
    real.chmod(0o640)
    link = tmp_path / "m.yaml"
    link.symlink_to("real/m.yaml")
    replace_text(str(link), lambda text: text.replace("50", "8"))
    assert link.is_symlink()
    assert real.read_bytes() == "critical: 8\r\n# ü\n".encode()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["m.yaml", "m.yaml", "real"]


def test_what_goes_wrong_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text("critical: 50\n")

    def refuse(_: str) -> str:
        raise InvalidFileError("can't be changed safely", path=str(path))

    with pytest.raises(InvalidFileError, match="safely"):
        replace_text(str(path), refuse)
    with pytest.raises(InvalidFileError, match="can't be changed"):
        replace_text(str(tmp_path / "gone.yaml"), lambda text: text)
    path.write_bytes(b"\xff")
    with pytest.raises(InvalidFileError, match="not UTF-8"):
        replace_text(str(path), lambda text: text)
    assert path.read_bytes() == b"\xff"
    assert [each.name for each in tmp_path.iterdir()] == ["m.yaml"]
