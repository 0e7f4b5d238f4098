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

  static let pythonTraffic = (
    work: #"""
    def pool(params):
        """What your router calls the route. One that headgate.yaml does not have is rejected."""
        route = settings["routes"].get(params["route"])
        if route is None:
            raise Refusal(REJECTED, f"there is no route {params['route']}")
        return route["pool"]


    def weights():
        """Green's share of each pool in percent. Ask your router here, what it does now."""
        try:
            with open(os.path.join(settings["stateDirectory"], "weights.json")) as file:
                return json.load(file)
        except FileNotFoundError:
            return {}


    def read_back(params):
        green = weights().get(pool(params), 0)
        return {"percent": green if params["candidate"] == "green" else round(100 - green, 2)}


    def set_weight(params):
        """Tell your router here. Twice is harmless. The answer is what it gives now, not what was asked of it."""
        percent = params["percent"] if params["candidate"] == "green" else round(100 - params["percent"], 2)
        changed = {**weights(), pool(params): percent}
        path = os.path.join(settings["stateDirectory"], "weights.json")
        os.makedirs(settings["stateDirectory"], exist_ok=True)
        with open(path + ".new", "w") as file:
            json.dump(changed, file)
        os.replace(path + ".new", path)
        return read_back(params)


    """#,
    methods: #"""
        "traffic.setWeight": set_weight,
        "traffic.readBack": read_back,
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

  static let shellTraffic = (
    work: #"""
    # What your router calls the route. One that headgate.yaml does not have is rejected.
    pool() {
      route=$(param route) || return
      printf '%s' "$settings" | jq -er --arg route "$route" '.routes[$route].pool // empty' ||
        { refuse "$REJECTED" "there is no route $route"; return 1; }
    }

    # Green's share of each pool in percent. Ask your router here, what it does now.
    weights() { if [ -e "$state/weights.json" ]; then cat "$state/weights.json"; else echo '{}'; fi; }

    # The candidate's share is green's, or the rest.
    of_candidate='def own: if $candidate == "green" then . else 100 - . end * 100 | round / 100;'

    read_back() {
      pool=$(pool) && candidate=$(param candidate) || return
      found=$(weights | jq -c --arg pool "$pool" --arg candidate "$candidate" "$of_candidate {percent: (.[\$pool] // 0 | own)}") ||
        { refuse "$TRANSIENT" "the weights could not be read"; return; }
      result "$found"
    }

    # Tell your router here. Twice is harmless. The answer is what it gives now, not what was asked of it.
    set_weight() {
      pool=$(pool) && candidate=$(param candidate) && percent=$(param percent) && mkdir -p "$state" || return
      weights | jq -c --arg pool "$pool" --arg candidate "$candidate" --argjson percent "$percent"         "$of_candidate .[\$pool] = (\$percent | own)" >"$state/weights.new" && mv "$state/weights.new" "$state/weights.json" ||
        { refuse "$TRANSIENT" "the weights could not be written"; return; }
      read_back
    }

    """#,
    methods: #"""
        traffic.setWeight) set_weight ;;
        traffic.readBack) read_back ;;
    """#
  )

  static let shellSteps = (
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

  static let swiftTraffic = (
    work: #"""
      /// What your router calls the route. One that headgate.yaml does not have is rejected.
      func pool(_ params: Object) throws -> String {
        let route = try member("route", of: params, as: String.self)
        let routes = settings["routes"] as? [String: Object] ?? [:]
        guard let pool = routes[route]?["pool"] as? String else {
          throw Refusal(code: Refusal.rejected, message: "there is no route \(route)")
        }
        return pool
      }

      /// Green's share of each pool in percent. Ask your router here, what it does now.
      func weights() throws -> [String: Double] {
        guard FileManager.default.fileExists(atPath: "\(state)/weights.json") else { return [:] }
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(state)/weights.json"))
        return try JSONSerialization.jsonObject(with: data) as? [String: Double] ?? [:]
      }

      /// Green's share where the candidate has `percent`, and the other way round.
      func share(_ percent: Double, _ params: Object) throws -> Double {
        let candidate = try member("candidate", of: params, as: String.self)
        return candidate == "green" ? percent : ((100 - percent) * 100).rounded() / 100
      }

      func readBack(_ params: Object) throws -> Object {
        ["percent": try share(try weights()[try pool(params)] ?? 0, params)]
      }

      /// Tell your router here. Twice is harmless. The answer is what it gives now, not what was asked of it.
      func setWeight(_ params: Object) throws -> Object {
        var changed = try weights()
        changed[try pool(params)] = try share(try member("percent", of: params, as: Double.self), params)
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        let data = try JSONSerialization.data(withJSONObject: changed)
        try data.write(to: URL(fileURLWithPath: "\(state)/weights.json"), options: .atomic)
        return try readBack(params)
      }
    """#,
    methods: #"""
        case "traffic.setWeight": return try setWeight(params)
        case "traffic.readBack": return try readBack(params)
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
