"""A client that openapi-python-client (pip install openapi-python-client) makes of the server's own description, in use.

    anchorrec serve RUN &
    python client.py http://127.0.0.1:8080 USER ITEM

Writes the client into a folder of its own, uses five of its operations, and ends with status 1 where an answer is not of the type that the description says.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

address, user, item = sys.argv[1:]
folder = Path(tempfile.mkdtemp())
made = subprocess.run(
    ["openapi-python-client", "generate", "--url", f"{address}/openapi.json", "--output-path", folder / "client", "--meta", "none"],
    capture_output=True,
    text=True,
    check=False,
)
print(made.stdout.strip(), made.stderr.strip())
assert made.returncode == 0 and "WARNING" not in made.stdout.upper() + made.stderr.upper(), "the description cannot be used whole"

sys.path.insert(0, str(folder))
from client import Client  # noqa: E402
from client.api.items import similar  # noqa: E402
from client.api.recommendations import recommend, recommend_batch, recommend_to  # noqa: E402
from client.api.server import run  # noqa: E402
from client.models import RecommendRequest, RecommendRequests, Recommendation, Refusal, Run, Similar  # noqa: E402

with Client(base_url=address) as client:
    served = run.sync(client=client)
    assert isinstance(served, Run)
    print("run:", served.model, served.data, served.users, "users", served.items, "items")
    known = recommend.sync(client=client, user=user, top=3)
    assert isinstance(known, Recommendation) and len(known.items) == 3
    print("known:", [(entry.item, entry.score) for entry in known.items])
    new = recommend_to.sync(client=client, body=RecommendRequest(items=[item], top=3))
    assert isinstance(new, Recommendation)
    print("new:", [(entry.item, entry.score) for entry in new.items])
    refused = recommend.sync(client=client, user="nobody of this name")
    assert isinstance(refused, Refusal)
    print("refused:", refused.error.reason)
    both = RecommendRequests(requests=[RecommendRequest(user=user, top=1), RecommendRequest(user="nobody of this name")])
    several = recommend_batch.sync(client=client, body=both).lists
    assert [type(answer) for answer in several] == [Recommendation, Refusal]
    near = similar.sync(client=client, item=item, top=3)
    assert isinstance(near, Similar)
    print("similar:", [entry.item for entry in near.items])
