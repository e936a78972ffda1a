"""The page of errors is that of the code."""

from tests.support.troubleshooting import PAGE, page


def test_the_page_has_every_error_with_its_advice():
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.support.troubleshooting"
