"""What the authority vouches for, how long, and how it is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from grantex_sim.commands.main import main
from grantex_sim.tls.authority import Authority
from grantex_sim.tls.kept import CERTIFICATE, KEY, kept_authority
from grantex_tui.errors import InvalidFileError


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state" / "ca"


def test_it_may_vouch_for_the_played_hosts_and_this_machine_alone():
    extensions = Authority.made(["sim.test"]).certificate.extensions
    constraints = extensions.get_extension_for_class(x509.NameConstraints)
    permitted = {str(each.value) for each in constraints.value.permitted_subtrees or ()}
    assert constraints.critical
    assert {"datadoghq.com", "datadoghq.eu", "grantex.dev", "localhost", "sim.test"} <= permitted
    assert {each for each in permitted if "/" in each} == {"127.0.0.0/8", "::1/128"}
    assert constraints.value.excluded_subtrees is None
    assert extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0


def test_a_month_is_the_longest_that_it_lives():
    certificate = Authority.made().certificate
    assert certificate.not_valid_after_utc - datetime.now(UTC) <= timedelta(days=30)


def test_the_same_name_has_the_same_certificate_for_a_while():
    authority = Authority.made()
    one = authority.context("api.datadoghq.com")
    assert authority.context("api.datadoghq.com") is one
    assert authority.context("api.grantex.dev") is not one


def test_a_client_that_asks_for_ever_new_names_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("grantex_sim.tls.authority._MOST", 3)
    authority = Authority.made()
    for number in range(8):
        authority.context(f"n{number}.datadoghq.com")
    assert len(authority._issued) <= 3


def test_one_that_is_kept_is_the_same_the_next_time_and_its_owners_alone(folder):
    first = kept_authority(folder)
    assert kept_authority(folder).pem == first.pem
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / KEY).stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in (folder / CERTIFICATE).read_text()


def test_one_that_is_about_to_end_is_renewed(folder, monkeypatch):
    first = kept_authority(folder)
    monkeypatch.setattr("grantex_sim.tls.kept._LEFT", timedelta(days=31))
    assert kept_authority(folder).pem != first.pem


def test_one_that_may_not_vouch_for_a_new_name_is_renewed(folder):
    first = kept_authority(folder)
    assert kept_authority(folder, ["sim.test"]).pem != first.pem
    assert kept_authority(folder, ["sim.test"]).pem == kept_authority(folder).pem


@pytest.mark.parametrize("shared", [KEY, ""])
def test_one_that_others_can_get_at_is_refused(folder, shared):
    kept_authority(folder)
    (folder / shared).chmod(0o755)
    with pytest.raises(InvalidFileError, match="others can get at"):
        kept_authority(folder)


def test_one_that_others_can_write_is_refused(folder):
    kept_authority(folder)
    (folder / CERTIFICATE).chmod(0o666)
    with pytest.raises(InvalidFileError, match="others can get at"):
        kept_authority(folder)


@pytest.mark.parametrize("damaged", [KEY, CERTIFICATE])
def test_one_that_is_damaged_is_told_and_not_replaced(folder, damaged):
    kept_authority(folder)
    (folder / damaged).write_text("garbage")
    with pytest.raises(InvalidFileError, match="no authority that can be used"):
        kept_authority(folder)
    assert (folder / damaged).read_text() == "garbage"


def test_a_key_of_another_authority_is_told(folder, tmp_path):
    kept_authority(folder)
    kept_authority(tmp_path / "other")
    (tmp_path / "other" / KEY).replace(folder / KEY)
    with pytest.raises(InvalidFileError, match="belongs to another"):
        kept_authority(folder)


@pytest.mark.parametrize("what", ["path", "pem", "trust-hint"])
def test_the_command_says_where_it_is_what_it_is_and_how_it_is_trusted(
    what, folder, capsys, monkeypatch
):
    monkeypatch.setenv("GRANTEX_SIM_CA_DIR", str(folder))
    assert main(["ca", what]) == 0
    said = capsys.readouterr().out
    path = str(folder / CERTIFICATE)
    expected = {
        "path": f"{path}\n",
        "pem": kept_authority(folder).pem,
        "trust-hint": f"NODE_EXTRA_CA_CERTS={path}",
    }
    assert expected[what] in said


def test_the_command_says_why_it_can_not_be_kept(tmp_path, capsys, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRANTEX_SIM_CA_DIR", str(tmp_path / "file" / "ca"))
    assert main(["ca", "path"]) == 3
    assert "GRANTEX_SIM_CA_DIR" in capsys.readouterr().err
