extension PortSkeleton {
  /// A runner whose step waits.
  static let step = PortSkeleton(
    manifest: #"""
      port: step
      about: Lets time pass, and then passes or fails.
      settings:
        unit: { type: text, about: "An example of a setting; nothing uses it." }
      steps:
        wait:
          about: Waits.
          with:
            length: { type: duration, required: true, about: How long. }
            fail: { type: bool, about: Whether it fails then. }
      check:
        settings: { unit: ms }
        passing: { step: wait, with: { length: 1s } }
        failing: { step: wait, with: { length: 0s, fail: true } }
        slow: { step: wait, with: { length: 10m } }
      """#,
    python: Part(
      work: #"""
        def trace(key):
            """Where a step leaves what it is about: it must be found again when this program has been started anew."""
            name = "".join(c if c.isalnum() and c.isascii() or c == "-" else "_%02x" % ord(c) for c in key)
            return os.path.join(settings["stateDirectory"], "steps", name)


        def read(key):
            try:
                with open(trace(key)) as file:
                    return json.load(file)
            except FileNotFoundError:
                return None


        def write(key, step):
            os.makedirs(os.path.dirname(trace(key)), exist_ok=True)
            with open(trace(key) + ".new", "w") as file:
                json.dump(step, file)
            os.replace(trace(key) + ".new", trace(key))


        def start(params):
            """Begin your work here. Twice with a key is once."""
            if params["step"] != "wait":
                raise Refusal(REJECTED, f"there is no step {params['step']}")
            if read(params["key"]) is None:
                end = time.time() + params["with"]["length"]
                write(params["key"], {"end": end, "fail": params["with"].get("fail", False), "cancelled": False})
            return {}


        def poll(params):
            """Look how far your work is. What cannot be told is never `passed`."""
            step = read(params["key"])
            if step is None:
                return {"state": "unknown"}
            if step["cancelled"]:
                return {"state": "failed", "output": "cancelled"}
            if time.time() < step["end"]:
                return {"state": "running", "output": "waiting"}
            return {"state": "failed" if step["fail"] else "passed", "output": "waited"}


        def cancel(params):
            """End your work here. Harmless when there is nothing to end."""
            step = read(params["key"])
            if step is not None and time.time() < step["end"]:
                write(params["key"], {**step, "cancelled": True})
            return {}


        """#,
      methods: #"""
            "step.start": start,
            "step.poll": poll,
            "step.cancel": cancel,
        """#),
    shell: Part(
      work: #"""
        # Where a step leaves what it is about: it must be found again when this program has been started anew.
        trace() { mkdir -p "$state/steps" && printf '%s/steps/%s' "$state" "$(printf '%s' "$1" | od -An -tx1 | tr -d ' \n')"; }

        # Writes what jq makes of the input into a file: all of it or nothing.
        keep() {
          jq --argjson now "$(date +%s)" "$2" >"$1.new" && mv "$1.new" "$1" && return
          refuse "$TRANSIENT" "$1 could not be written"
          return 1
        }

        # Begin your work here. Twice with a key is once.
        start() {
          step=$(param step) && key=$(param key) && length=$(param with.length) || return
          [ "$step" = wait ] || { refuse "$REJECTED" "there is no step $step"; return; }
          file=$(trace "$key")
          [ -e "$file" ] || printf '%s' "$line" | keep "$file" \
            '{end: ($now + .params.with.length), fail: (.params.with.fail // false), cancelled: false}' || return
          result '{}'
        }

        # Look how far your work is. What cannot be told is never `passed`.
        poll() {
          key=$(param key) || return
          file=$(trace "$key")
          [ -e "$file" ] || { result '{"state": "unknown"}'; return; }
          found=$(jq -c --argjson now "$(date +%s)" \
            'if .cancelled then {state: "failed", output: "cancelled"} elif $now < .end then {state: "running"}
             elif .fail then {state: "failed"} else {state: "passed"} end' "$file") ||
            { refuse "$TRANSIENT" "$file could not be read"; return; }
          result "$found"
        }

        # End your work here. Harmless when there is nothing to end.
        cancel() {
          key=$(param key) || return
          file=$(trace "$key")
          [ ! -e "$file" ] || keep "$file" '.cancelled = (.cancelled or $now < .end)' <"$file" || return
          result '{}'
        }

        """#,
      methods: #"""
            step.start) start ;;
            step.poll) poll ;;
            step.cancel) cancel ;;
        """#),
    swift: Part(
      work: #"""
          /// Where a step leaves what it is about: it must be found again when this program has been started anew.
          func trace(_ key: String) -> URL {
            let name = key.utf8.map { String($0, radix: 16) }.joined(separator: "-")
            return URL(fileURLWithPath: "\(state)/steps/\(name)")
          }

          func read(_ key: String) -> Object? {
            guard let data = try? Data(contentsOf: trace(key)) else { return nil }
            return try? JSONSerialization.jsonObject(with: data) as? Object
          }

          func write(_ step: Object, _ key: String) throws {
            try FileManager.default.createDirectory(atPath: "\(state)/steps", withIntermediateDirectories: true)
            try JSONSerialization.data(withJSONObject: step).write(to: trace(key), options: .atomic)
          }

          /// Begin your work here. Twice with a key is once.
          func start(_ params: Object) throws -> Object {
            let step = try member("step", of: params, as: String.self)
            guard step == "wait" else { throw Refusal(code: Refusal.rejected, message: "there is no step \(step)") }
            let key = try member("key", of: params, as: String.self)
            let with = try member("with", of: params, as: Object.self)
            let length = try member("length", of: with, as: Double.self)
            if read(key) == nil {
              let end = Date().timeIntervalSince1970 + length
              try write(["end": end, "fail": with["fail"] as? Bool ?? false, "cancelled": false], key)
            }
            return [:]
          }

          /// Look how far your work is. What cannot be told is never `passed`.
          func poll(_ params: Object) throws -> Object {
            guard let step = read(try member("key", of: params, as: String.self)) else { return ["state": "unknown"] }
            if step["cancelled"] as? Bool == true { return ["state": "failed", "output": "cancelled"] }
            if Date().timeIntervalSince1970 < step["end"] as? Double ?? 0 { return ["state": "running", "output": "waiting"] }
            return ["state": step["fail"] as? Bool == true ? "failed" : "passed", "output": "waited"]
          }

          /// End your work here. Harmless when there is nothing to end.
          func cancel(_ params: Object) throws -> Object {
            let key = try member("key", of: params, as: String.self)
            if var step = read(key), Date().timeIntervalSince1970 < step["end"] as? Double ?? 0 {
              step["cancelled"] = true
              try write(step, key)
            }
            return [:]
          }
        """#,
      methods: #"""
            case "step.start": return try start(params)
            case "step.poll": return try poll(params)
            case "step.cancel": return try cancel(params)
        """#))
}
