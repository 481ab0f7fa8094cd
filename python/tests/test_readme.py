"""What the README shows runs as it stands, servers bounded in time."""

import pathlib
import re

import pytest

README = (pathlib.Path(__file__).parent.parent / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.S)


def test_there_are_blocks():
    assert len(BLOCKS) == 4


@pytest.mark.parametrize("block", BLOCKS, ids=lambda b: b.split("\n")[0])
def test_block(block, monkeypatch):
    if "twisted" in block:
        pytest.importorskip("twisted")
        from twisted.internet import reactor

        monkeypatch.setattr(reactor, "run", lambda: None)
        block = block.replace("tcp:9000", "tcp:0")
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})
