"""Pairs of estates that differ in a cause; what is said of them: `python -m tests.planning.accuracy_counterfactual`."""

from __future__ import annotations

import pytest

from tests.planning.pairs import CAUSES, VMS, plain


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_only_the_first_cluster_differs(cause):
    """The two estates differ, and not in the other cluster."""
    there, gone = cause.there(plain(3)), cause.gone(plain(3))

    assert there != gone or cause.edit
    assert there.vms[VMS:] == gone.vms[VMS:] == plain(3).vms[VMS:]
