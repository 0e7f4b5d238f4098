extension PortSkeleton {
  /// A deployer whose versions come up when their time has passed.
  static let deployment = PortSkeleton(
    manifest: #"""
      port: deployment
      about: Lets time pass until a version is up.
      settings:
        versions: { type: map, of: duration, required: true, about: "The versions there are, and how long each takes to come up." }
      check:
        settings: { versions: { v1: 0s, v2: 10m } }
        version: v1
        badVersion: v3
        slowVersion: v2
        # Prints what runs, an instance a line, each with its key and what tells it from another one.
        running: [sh, -c, 'for slot in "$STATE_DIRECTORY"/slots/*; do [ ! -e "$slot" ] || { cat "$slot"; echo; }; done']
      """#,
    python: Part(
      work: #"""
        def record(params):
            """Where a slot's version is noted: it must be found again when this program has been started anew."""
            name = "/".join(params[part] for part in ("service", "environment", "slot"))
            name = "".join(c if c.isalnum() and c.isascii() or c == "-" else "_%02x" % ord(c) for c in name)
            return os.path.join(settings["stateDirectory"], "slots", name)


        def read(params):
            try:
                with open(record(params)) as file:
                    return json.load(file)
            except FileNotFoundError:
                return None


        def start(params):
            """Bring the version up here, in the place of what the slot has. Twice with a key is once."""
            slot = read(params)
            if slot is None or slot["key"] != params["key"]:
                length = settings["versions"].get(params["version"])
                os.makedirs(os.path.dirname(record(params)), exist_ok=True)
                with open(record(params) + ".new", "w") as file:
                    json.dump({"key": params["key"], "ready": None if length is None else time.time() + length}, file)
                os.replace(record(params) + ".new", record(params))
            return {}


        def poll(params):
            """Look how far your backend is. What cannot be told is never `ready`."""
            slot = read(params)
            if slot is None or slot["key"] != params["key"]:
                return {"state": "failed", "message": "it was stopped, or never started"}
            if slot["ready"] is None:
                return {"state": "failed", "message": f"there is no version {params['version']}"}
            if time.time() < slot["ready"]:
                return {"state": "starting", "message": "it warms up"}
            return {"state": "ready"}


        def stop(params):
            """Take down what the slot has, whatever its key, and what is coming up in it. Harmless when there is nothing."""
            try:
                os.remove(record(params))
            except FileNotFoundError:
                pass
            return {}


        """#,
      methods: #"""
            "deploy.start": start,
            "deploy.poll": poll,
            "deploy.stop": stop,
        """#),
    shell: Part(
      work: #"""
        # Where a slot's version is noted: it must be found again when this program has been started anew.
        record() {
          service=$(param service) && environment=$(param environment) && slot=$(param slot) && mkdir -p "$state/slots" || return
          printf '%s/slots/%s' "$state" "$(printf '%s/%s/%s' "$service" "$environment" "$slot" | od -An -tx1 | tr -d ' \n')"
        }

        # Whether the slot has what was started under the key.
        has() { [ -e "$1" ] && [ "$(jq -r .key "$1")" = "$2" ]; }

        # Bring the version up here, in the place of what the slot has. Twice with a key is once.
        start() {
          file=$(record) && key=$(param key) && version=$(param version) || return
          has "$file" "$key" || printf '%s' "$settings" | jq --argjson now "$(date +%s)" --arg key "$key" --arg version "$version" \
            -c '{key: $key, ready: (.versions[$version] | if . == null then null else $now + . end)}' >"$file.new" &&
            { [ ! -e "$file.new" ] || mv "$file.new" "$file"; } ||
            { refuse "$TRANSIENT" "$file could not be written"; return; }
          result '{}'
        }

        # Look how far your backend is. What cannot be told is never `ready`.
        poll() {
          file=$(record) && key=$(param key) || return
          has "$file" "$key" || { result '{"state": "failed", "message": "it was stopped, or never started"}'; return; }
          found=$(jq -c --argjson now "$(date +%s)" \
            'if .ready == null then {state: "failed", message: "there is no such version"}
             elif $now < .ready then {state: "starting", message: "it warms up"} else {state: "ready"} end' "$file") ||
            { refuse "$TRANSIENT" "$file could not be read"; return; }
          result "$found"
        }

        # Take down what the slot has, whatever its key, and what is coming up in it. Harmless when there is nothing.
        stop() {
          file=$(record) || return
          rm -f "$file"
          result '{}'
        }

        """#,
      methods: #"""
            deploy.start) start ;;
            deploy.poll) poll ;;
            deploy.stop) stop ;;
        """#),
    swift: Part(
      work: #"""
          /// Where a slot's version is noted: it must be found again when this program has been started anew.
          func record(_ params: Object) throws -> URL {
            let parts = try ["service", "environment", "slot"].map { try member($0, of: params, as: String.self) }
            let name = parts.joined(separator: "/").utf8.map { String($0, radix: 16) }.joined(separator: "-")
            return URL(fileURLWithPath: "\(state)/slots/\(name)")
          }

          /// What the slot has, when it was started under that key.
          func read(_ params: Object) throws -> Object? {
            let key = try member("key", of: params, as: String.self)
            guard let data = try? Data(contentsOf: try record(params)) else { return nil }
            let slot = try? JSONSerialization.jsonObject(with: data) as? Object
            return slot?["key"] as? String == key ? slot : nil
          }

          /// Bring the version up here, in the place of what the slot has. Twice with a key is once.
          func start(_ params: Object) throws -> Object {
            let version = try member("version", of: params, as: String.self)
            if try read(params) == nil {
              let versions = settings["versions"] as? [String: Double] ?? [:]
              let ready = versions[version].map { Date().timeIntervalSince1970 + $0 as Any } ?? NSNull()
              try FileManager.default.createDirectory(atPath: "\(state)/slots", withIntermediateDirectories: true)
              let slot: Object = ["key": params["key"] ?? "", "ready": ready]
              try JSONSerialization.data(withJSONObject: slot).write(to: try record(params), options: .atomic)
            }
            return [:]
          }

          /// Look how far your backend is. What cannot be told is never `ready`.
          func poll(_ params: Object) throws -> Object {
            guard let slot = try read(params) else { return ["state": "failed", "message": "it was stopped, or never started"] }
            guard let ready = slot["ready"] as? Double else { return ["state": "failed", "message": "there is no such version"] }
            return Date().timeIntervalSince1970 < ready ? ["state": "starting", "message": "it warms up"] : ["state": "ready"]
          }

          /// Take down what the slot has, whatever its key, and what is coming up in it. Harmless when there is nothing.
          func stop(_ params: Object) throws -> Object {
            let file = try record(params)
            if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
            return [:]
          }
        """#,
      methods: #"""
            case "deploy.start": return try start(params)
            case "deploy.poll": return try poll(params)
            case "deploy.stop": return try stop(params)
        """#))
}
