/// What each port adds to the frame of a program.
extension PluginSkeleton {
  static let pythonMetrics = (
    work: #"""
    def sample(params):
        """Ask your backend here. A missing value is None, never 0."""
        query = params["query"]
        try:
            return {"answer": float(query)}
        except ValueError:
            raise Refusal(REJECTED, f"{query!r} is not a number")


    """#,
    methods: #"""
        "metrics.sample": sample,
    """#
  )

  static let pythonSteps = (
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
    """#
  )

  static let shellMetrics = (
    work: #"""
    # Ask your backend here. A missing value is null, never 0.
    sample() {
      query=$(param query) || return
      answer=$(jq -en --arg query "$query" '$query | tonumber' 2>/dev/null) ||
        { refuse "$REJECTED" "\"$query\" is not a number"; return; }
      result "{\"answer\": $answer}"
    }

    """#,
    methods: #"""
        metrics.sample) sample ;;
    """#
  )

  static let shellSteps = (
    work: #"""
    # Where a step leaves what it is about: it must be found again when this program has been started anew.
    trace() { mkdir -p "$state/steps" && printf '%s/steps/%s' "$state" "$(printf '%s' "$1" | od -An -tx1 | tr -d ' \n')"; }

    # Begin your work here. Twice with a key is once.
    start() {
      step=$(param step) && key=$(param key) && length=$(param with.length) || return
      [ "$step" = wait ] || { refuse "$REJECTED" "there is no step $step"; return; }
      file=$(trace "$key")
      [ -e "$file" ] || printf '%s' "$line" | jq --argjson now "$(date +%s)" \
        '{end: ($now + .params.with.length), fail: (.params.with.fail // false)}' >"$file.new" && mv "$file.new" "$file"
      result '{}'
    }

    # Look how far your work is. What cannot be told is never `passed`.
    poll() {
      key=$(param key) || return
      file=$(trace "$key")
      [ -e "$file" ] || { result '{"state": "unknown"}'; return; }
      result "$(jq -c --argjson now "$(date +%s)" \
        'if .cancelled then {state: "failed", output: "cancelled"} elif $now < .end then {state: "running"}
         elif .fail then {state: "failed"} else {state: "passed"} end' "$file")"
    }

    # End your work here. Harmless when there is nothing to end.
    cancel() {
      key=$(param key) || return
      file=$(trace "$key")
      [ ! -e "$file" ] || { jq --argjson now "$(date +%s)" '.cancelled = (.cancelled or $now < .end)' "$file" >"$file.new" && mv "$file.new" "$file"; }
      result '{}'
    }

    """#,
    methods: #"""
        step.start) start ;;
        step.poll) poll ;;
        step.cancel) cancel ;;
    """#
  )

  static let swiftMetrics = (
    work: #"""
      /// Ask your backend here. A missing value is `NSNull()`, never 0.
      func sample(_ query: String) throws -> Any {
        guard let number = Double(query), number.isFinite else {
          throw Refusal(code: Refusal.rejected, message: "\"\(query)\" is not a number")
        }
        return number
      }
    """#,
    methods: #"""
        case "metrics.sample": return ["answer": try sample(try member("query", of: params, as: String.self))]
    """#
  )

  static let swiftSteps = (
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
    """#
  )
}
