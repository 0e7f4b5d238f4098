/// What a program in each language has around what a port adds: `@WORK@`, `@METHODS@` and `@CAPABILITIES@` are filled in.
enum ProgramFrame {
  /// Python: the standard library is all it needs.
  static let python = #"""
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

        def __init__(self, code, message, retry_after=None):
            """retry_after: for how many seconds your backend asks to be left alone, where it says so."""
            super().__init__(message)
            self.code, self.retry_after = code, retry_after


    def initialize(params):
        settings.update(params["settings"], stateDirectory=params["stateDirectory"])
        return {"protocolVersion": 1, "plugin": {"name": "NAME", "version": "0.1.0"}, "capabilities": @CAPABILITIES@}


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
            if refusal.retry_after is not None:
                response["error"]["data"] = {"retryAfter": refusal.retry_after}
        print(json.dumps(response), flush=True)
        if request["method"] == "shutdown":
            break

    """#

  /// POSIX shell, with jq.
  static let shell = #"""
    #!/bin/sh
    # A plugin for Headgate: one JSON message a line on standard input, one answer a line on standard output.
    # jq reads and writes JSON; whatever goes to standard error is logged.

    TRANSIENT=-32001 REJECTED=-32002 MISCONFIGURED=-32003 NO_METHOD=-32601 BAD_PARAMS=-32602

    # Takes a member of the params; without it the call is refused.
    param() { printf '%s' "$line" | jq -er ".params.$1" || { refuse "$BAD_PARAMS" "the params have no $1"; return 1; }; }

    result() { jq -cn --argjson id "$id" --argjson result "$1" '{jsonrpc: "2.0", id: $id, result: $result}'; }

    # CODE MESSAGE [SECONDS that your backend asks to be left alone]
    refuse() {
      jq -cn --argjson id "$id" --argjson code "$1" --arg message "$2" --argjson after "${3:-null}" \
        '{jsonrpc: "2.0", id: $id, error: ({code: $code, message: $message}
          + if $after == null then {} else {data: {retryAfter: $after}} end)}' >&3
    }

    initialize() {
      state=$(param stateDirectory) && settings=$(param settings) || return
      result '{"protocolVersion": 1, "plugin": {"name": "NAME", "version": "0.1.0"}, "capabilities": @CAPABILITIES@}'
    }

    @WORK@
    exec 3>&1
    while IFS= read -r line; do
      id=$(printf '%s' "$line" | jq -c '.id // empty') method=$(printf '%s' "$line" | jq -r .method)
      [ -n "$id" ] || continue # `$/cancel`: calls are answered one after the other, so there is nothing to give up.
      case $method in
        initialize) initialize ;;
    @METHODS@
        shutdown) result '{}'; exit ;;
        *) refuse "$NO_METHOD" "there is no method $method" ;;
      esac
    done

    """#

  /// Swift, built by a script beside it.
  static let swift = #"""
    // A plugin for Headgate: one JSON message a line on standard input, one answer a line on standard output.
    import Foundation

    /// Why a call was not done: a code that says what kind of failure it is, and one line for people.
    struct Refusal: Error {
      static let transient = -32001
      static let rejected = -32002
      static let misconfigured = -32003
      var code: Int
      var message: String
      /// For how many seconds your backend asks to be left alone, where it says so.
      var retryAfter: Double?
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
          return ["protocolVersion": 1, "plugin": ["name": "NAME", "version": "0.1.0"], "capabilities": @CAPABILITIES@ as [String]]
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
        var error: Object = ["code": refusal.code, "message": refusal.message]
        if let seconds = refusal.retryAfter { error["data"] = ["retryAfter": seconds] }
        response["error"] = error
      }
      var bytes = try JSONSerialization.data(withJSONObject: response)
      bytes.append(0x0A)
      FileHandle.standardOutput.write(bytes)
      if method == "shutdown" { break }
    }

    """#
}
