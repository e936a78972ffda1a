"""A mistake on the command line is a line and a hint."""

from __future__ import annotations

import pytest

from grantex_tui.cli.main import main


@pytest.mark.parametrize(
    ("argv", "said", "hint"),
    [
        (["wtach"], "invalid choice: 'wtach'", "Did you mean watch?"),
        (["watch", "--hedless"], "unrecognized arguments: --hedless", "Did you mean --headless?"),
        (
            ["rehearse", "explain", "m", "x", "--at", "+1h", "--scenaro", "y"],
            "--scenaro",
            "Did you mean --scenario?",
        ),
        (["watch", "--compression", "gzpi"], "invalid choice: 'gzpi'", "Did you mean gzip?"),
        (["zzzzzz"], "invalid choice", "See grantex-tui --help."),
        (["watch", "--batch-size", "x"], "--batch-size", "See grantex-tui watch --help."),
    ],
)
def test_a_mistake_is_one_line_with_what_was_probably_meant(capsys, argv, said, hint):
    with pytest.raises(SystemExit) as ended:
        main(argv)
    lines = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert said in lines[0]
    assert lines[1:] == [f"  {hint}"]
