"""A router in memory with everything that routers can do."""

import json
import sys

state = {"green": 0, "mirror": 0, "rule": None}


def answer(method, params):
    if method == "initialize":
        return {"protocolVersion": 1, "plugin": {"name": "extras", "version": "1.0.0"},
                "capabilities": ["partialWeights", "readBack", "mirror", "headerRoute"]}
    if method == "shutdown":
        return {}
    if params["route"] != "shop":
        return None
    green = params.get("candidate") == "green"
    if method == "traffic.setWeight":
        state["green"] = params["percent"] if green else 100 - params["percent"]
    if method == "traffic.mirror":
        state["mirror"] = params["percent"]
        return {"percent": state["mirror"]}
    if method == "traffic.headerRoute":
        state["rule"] = params.get("rule")
        return {}
    share = {"percent": state["green"] if green else 100 - state["green"], "mirror": state["mirror"]}
    return share | ({"headerRoute": state["rule"]} if state["rule"] else {})


for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    result = answer(request["method"], request["params"])
    outcome = {"error": {"code": -32002, "message": "there is no such route"}} if result is None else {"result": result}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"]} | outcome), flush=True)
