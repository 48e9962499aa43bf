# Prints what pip's own registry says of a package, as JSON (PEP 691). pip knows which registry that is, and how it is
# reached: by its settings, its proxy and its certificates.
import json
import sys

from pip._internal.commands import create_command

package = sys.argv[1]
command = create_command("download")
options, _ = command.parse_args([package])
with command.main_context():
    session = command.get_default_session(options)
    page = f"{options.index_url.rstrip('/')}/{package}/"
    answer = session.get(page, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    answer.raise_for_status()
    json.dump(answer.json(), sys.stdout)
