"""Puts the vocabulary that kani counts tokens by where tiktoken looks before it downloads it.

tiktoken brings no vocabularies: it fetches one on first use, which a runner without a network can't
do. bpe-openai brings the same file, and tiktoken refuses any other by its SHA-256.
"""

import gzip
import sys
from importlib.resources import files
from pathlib import Path

# The name under which tiktoken keeps o200k_base, the vocabulary of gpt-4o-mini.
CACHED_AS = "fb374d419588a4632f3f557e76b4b70aebbca790"

folder = Path(sys.argv[1])
folder.mkdir(exist_ok=True)
packed = files("bpe_openai").joinpath("data", "o200k_base.tiktoken.gz").read_bytes()
(folder / CACHED_AS).write_bytes(gzip.decompress(packed))
