import pytest

from tests.mutation.areas import AREAS, Area, NoModuleError, modules
from tests.mutation.mutants import mutants
from tests.mutation.sample import Equivalent, read_equivalents, sampled, stale, without


SOURCE = "def f(a, b):\n" + "".join(f"    if a < {n}: b += {n}\n" for n in range(40))


def texts(sample):
    return {(mutant.text, mutant.before, mutant.after) for mutant in sample}


def test_the_same_seed_takes_the_same_and_another_others():
    found = mutants("m.py", SOURCE)
    assert sampled(found, 20, 1) == sampled(list(reversed(found)), 20, 1)
    assert sampled(found, 20, 1) != sampled(found, 20, 2)
    assert len(sampled(found, 20, 1)) == 20


def test_a_module_that_moves_or_grows_keeps_its_sample():
    before = sampled(mutants("old/place.py", SOURCE), 20, 1)
    after = sampled(mutants("new.py", "X = [1, 2]\n\n\n" + SOURCE), 20, 1)
    assert len(texts(before) - texts(after)) <= 2  # those of the new line may take their place


def test_all_are_taken_if_there_are_no_more():
    found = mutants("m.py", "x = a < b\n")
    assert set(sampled(found, 60, 1)) == set(found)


def test_what_is_equivalent_is_left_out():
    found = mutants("m.py", "def f():\n    return a < b\n")
    known = Equivalent("f", "return a < b", "a < b → (a <= b)", "a is never b")
    assert [mutant.after for mutant in found if mutant not in without(found, [known])] == [
        "(a <= b)"
    ]
    assert stale(found, [known]) == []
    gone = Equivalent("g", "return a < b", "a < b → (a <= b)", "a is never b")
    assert stale(found, [known, gone]) == [gone]


def test_an_equivalent_mutant_needs_a_reason(tmp_path):
    path = tmp_path / "equivalent.toml"
    path.write_text(
        '[[equivalent]]\nfunction = ""\nline = "x = 1"\nchange = "1 → 2"\nreason = " "\n'
    )
    with pytest.raises(ValueError, match="no reason for 'x = 1'"):
        read_equivalents(path)


def test_each_entry_of_the_file_is_read():
    assert all(entry.reason for entry in read_equivalents())


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.name)
def test_the_table_of_areas_names_what_is_there(area):
    assert modules(area)


def test_a_module_that_has_moved_is_an_error(tmp_path):
    with pytest.raises(NoModuleError, match="all: gone/ is not there; say where it went"):
        modules(Area("all", ("gone/",), ()), tmp_path)
