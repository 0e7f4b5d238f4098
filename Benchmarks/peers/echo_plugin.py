"""The least a metric provider can be: what is left is the way there and back."""

import json
import sys

for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    if request["method"] == "initialize":
        result = {"protocolVersion": 1, "plugin": {"name": "echo", "version": "1"}, "capabilities": []}
    else:
        result = {"answer": 0.01}
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}) + "\n")
    sys.stdout.flush()
