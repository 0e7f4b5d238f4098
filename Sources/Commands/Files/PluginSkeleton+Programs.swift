extension PluginSkeleton {
  var python: String {
    let program = filled(Self.pythonFrame, port == .metrics ? Self.pythonMetrics : Self.pythonSteps)
    // Only steps look at files and clocks.
    return port == .step ? program : program.replacing("import os\n", with: "").replacing("import time\n", with: "")
  }

  var shell: String { filled(Self.shellFrame, port == .metrics ? Self.shellMetrics : Self.shellSteps) }

  var swift: String { filled(Self.swiftFrame, port == .metrics ? Self.swiftMetrics : Self.swiftSteps) }

  private func filled(_ frame: String, _ parts: (work: String, methods: String)) -> String {
    frame.replacing("@WORK@\n", with: parts.work + "\n").replacing("@METHODS@\n", with: parts.methods + "\n")
  }

  private static let pythonFrame = #"""
    #!/usr/bin/env python3
    """A plugin for Headgate: one JSON message a line on standard input, one answer a line on standard output."""

    import json
    import os
    import sys
    import time

    TRANSIENT, REJECTED, MISCONFIGURED, NO_METHOD, BAD_PARAMS = -32001, -32002, -32003, -32601, -32602
    settings = {}


    class Refusal(Exception):
        """Why a call was not done: a code that says what kind of failure it is, and one line for people."""

        def __init__(self, code, message):
            super().__init__(message)
            self.code = code


    def initialize(params):
        settings.update(params["settings"], stateDirectory=params["stateDirectory"])
        return {"protocolVersion": 1, "plugin": {"name": "NAME", "version": "0.1.0"}, "capabilities": []}


    @WORK@
    METHODS = {
        "initialize": initialize,
    @METHODS@
        "shutdown": lambda params: {},
    }


    def answer(request):
        method = METHODS.get(request["method"])
        if method is None:
            raise Refusal(NO_METHOD, f"there is no method {request['method']}")
        try:
            return method(request["params"])
        except KeyError as error:
            raise Refusal(BAD_PARAMS, f"the params have no {error}")


    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue  # `$/cancel`: calls are answered one after the other, so there is nothing to give up.
        response = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            response["result"] = answer(request)
        except Refusal as refusal:
            response["error"] = {"code": refusal.code, "message": str(refusal)}
        print(json.dumps(response), flush=True)
        if request["method"] == "shutdown":
            break

    """#

  private static let shellFrame = #"""
    #!/bin/sh
    # A plugin for Headgate: one JSON message a line on standard input, one answer a line on standard output.
    # jq reads and writes JSON; whatever goes to standard error is logged.

    TRANSIENT=-32001 REJECTED=-32002 MISCONFIGURED=-32003 NO_METHOD=-32601 BAD_PARAMS=-32602

    # Takes a member of the params; without it the call is refused.
    param() { printf '%s' "$line" | jq -er ".params.$1" || { refuse "$BAD_PARAMS" "the params have no $1"; return 1; }; }

    result() { jq -cn --argjson id "$id" --argjson result "$1" '{jsonrpc: "2.0", id: $id, result: $result}'; }

    refuse() {
      jq -cn --argjson id "$id" --argjson code "$1" --arg message "$2" \
        '{jsonrpc: "2.0", id: $id, error: {code: $code, message: $message}}' >&3
    }

    @WORK@
    exec 3>&1
    while IFS= read -r line; do
      id=$(printf '%s' "$line" | jq -c '.id // empty') method=$(printf '%s' "$line" | jq -r .method)
      [ -n "$id" ] || continue # `$/cancel`: calls are answered one after the other, so there is nothing to give up.
      case $method in
        initialize) state=$(param stateDirectory) && result '{"protocolVersion": 1, "plugin": {"name": "NAME", "version": "0.1.0"}, "capabilities": []}' ;;
    @METHODS@
        shutdown) result '{}'; exit ;;
        *) refuse "$NO_METHOD" "there is no method $method" ;;
      esac
    done

    """#

  private static let swiftFrame = #"""
    // A plugin for Headgate: one JSON message a line on standard input, one answer a line on standard output.
    import Foundation

    /// Why a call was not done: a code that says what kind of failure it is, and one line for people.
    struct Refusal: Error {
      static let transient = -32001
      static let rejected = -32002
      static let misconfigured = -32003
      var code: Int
      var message: String
    }

    typealias Object = [String: Any]

    func member<Value>(_ name: String, of params: Object, as type: Value.Type) throws -> Value {
      guard let value = params[name] as? Value else { throw Refusal(code: -32602, message: "the params have no \(name)") }
      return value
    }

    struct Plugin {
      var settings: Object = [:]
      var state = ""

      mutating func answer(_ method: String, _ params: Object) throws -> Object {
        switch method {
        case "initialize":
          settings = try member("settings", of: params, as: Object.self)
          state = try member("stateDirectory", of: params, as: String.self)
          return ["protocolVersion": 1, "plugin": ["name": "NAME", "version": "0.1.0"], "capabilities": [String]()]
    @METHODS@
        case "shutdown": return [:]
        default: throw Refusal(code: -32601, message: "there is no method \(method)")
        }
      }

    @WORK@
    }

    var plugin = Plugin()
    while let line = readLine() {
      guard let request = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? Object,
        let id = request["id"] as? Int, let method = request["method"] as? String
      else { continue }  // `$/cancel`: calls are answered one after the other, so there is nothing to give up.
      var response: Object = ["jsonrpc": "2.0", "id": id]
      do {
        response["result"] = try plugin.answer(method, request["params"] as? Object ?? [:])
      } catch {
        let refusal = error as? Refusal ?? Refusal(code: -32603, message: "\(error)")
        response["error"] = ["code": refusal.code, "message": refusal.message]
      }
      var bytes = try JSONSerialization.data(withJSONObject: response)
      bytes.append(0x0A)
      FileHandle.standardOutput.write(bytes)
      if method == "shutdown" { break }
    }

    """#
}
