"""Vega and Vega-Lite as one script, kept compressed beside this module: bundling them takes seconds.

`python -m analytics.report.page.vega` renews the file from the vl-convert that is installed.
"""

from __future__ import annotations

import gzip
from importlib import resources
from pathlib import Path

__all__ = ["bundle", "bundle_gzip"]

_FILE = "vega.js.gz"
# the modules that vl-convert 1.9 carries, under the addresses by which it knows them; what is not named is left out
_MODULES = {
    "vega@6.2.0": "parse, View",
    "vega-lite@6.4.1": "compile",
    "vega-interpreter@2.0.0": "expressionInterpreter",
}


def bundle_gzip() -> bytes:
    """The script, compressed with gzip, which sets `window.vega`."""
    return resources.files("analytics.report.page").joinpath(_FILE).read_bytes()


def bundle() -> str:
    """The script as text."""
    return gzip.decompress(bundle_gzip()).decode("utf-8")


def _renew() -> None:
    import vl_convert

    imports = "".join(
        f'import {{ {names} }} from "https://cdn.jsdelivr.net/npm/{module}/+esm";\n'
        for module, names in _MODULES.items()
    )
    script = vl_convert.javascript_bundle(f"{imports}window.vega = {{ {', '.join(_MODULES.values())} }};")
    head = f"/* {', '.join(_MODULES)}; BSD-3-Clause: vega.LICENSE.txt */\n"
    # in a function of its own, so that none of its names is the page's
    text = head + "(function () {" + script + "})();\n"
    Path(__file__).with_name(_FILE).write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    _renew()
