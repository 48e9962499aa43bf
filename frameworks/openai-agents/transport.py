"""Which HTTP transport the OpenAI SDK gets: aiohttp in the variant `tuned`, else its own.

Import this module before the SDK. The SDK imports aiohttp wherever it is installed, which takes
time and memory; all variants share one installation, and those on the SDK's own transport are to
be as if aiohttp were not there, as the framework is shipped.
"""

import os
import sys

ON_AIOHTTP = bool(os.environ.get("ON_AIOHTTP"))
if not ON_AIOHTTP:
    sys.modules["aiohttp"] = None
