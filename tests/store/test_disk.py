"""What the store asks of a disk, where the system says no."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from analytics.store.disk import is_inside, sync_folder


@pytest.mark.skipif(sys.platform == "win32", reason="Windows opens no folder")
@pytest.mark.parametrize(("number", "is_raised"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_folder_that_cannot_be_synced(tmp_path, monkeypatch, number, is_raised) -> None:
    """Where the system knows no such thing it is left; a failing disk is an error. The folder is closed."""
    opened = []

    def refuse(handle: int) -> None:
        opened.append(handle)
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", refuse)
    if is_raised:
        with pytest.raises(OSError, match="no"):
            sync_folder(tmp_path)
    else:
        sync_folder(tmp_path)
    (handle,) = opened
    with pytest.raises(OSError, match=r"[Bb]ad file descriptor"):
        os.fstat(handle)


def test_a_folder_that_is_not_there(tmp_path) -> None:
    """Has nothing to sync."""
    sync_folder(tmp_path / "none")


@pytest.mark.parametrize(("name", "expected"), [("a", True), ("a/b", True), (".", True), ("link", False)])
def test_a_folder_inside(tmp_path, name, expected) -> None:
    """Itself and what lies below it, but not what a link leads to."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "a" / "b").mkdir(parents=True)
    outside.mkdir()
    try:
        (root / "link").symlink_to(outside, target_is_directory=True)
    except OSError:
        pytest.skip("no right to make links")
    assert is_inside(root / name, root) is expected
