"""Vega, Vega-Lite and Vega-Embed as one script, kept compressed beside this module: bundling them takes seconds.

`python -m analytics.report.page.vega` renews the file from the vl-convert that is installed.
"""

from __future__ import annotations

import gzip
from importlib import resources
from pathlib import Path

__all__ = ["bundle", "bundle_gzip"]

_FILE = "vega.js.gz"


def bundle_gzip() -> bytes:
    """The script, compressed with gzip, which sets `window.vegaEmbed`."""
    return resources.files("analytics.report.page").joinpath(_FILE).read_bytes()


def bundle() -> str:
    """The script as text."""
    return gzip.decompress(bundle_gzip()).decode("utf-8")


def _renew() -> None:
    import vl_convert

    versions = f"Vega {vl_convert.get_vega_version()}, Vega-Lite {vl_convert.get_vegalite_versions()[-1]}"
    head = f"/* {versions}, Vega-Embed {vl_convert.get_vega_embed_version()}; BSD-3-Clause: vega.LICENSE.txt */\n"
    # in a function of its own, so that none of its names is the page's
    text = head + "(function () {" + vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;") + "})();\n"
    Path(__file__).with_name(_FILE).write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    _renew()
