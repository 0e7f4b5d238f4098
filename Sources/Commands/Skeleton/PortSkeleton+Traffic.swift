extension PortSkeleton {
  /// A router that keeps the weights in a file.
  static let traffic = PortSkeleton(
    manifest: #"""
      port: traffic
      about: Keeps the weights in a file of its own.
      settings:
        unit: { type: text, about: "An example of a setting; nothing uses it." }
      routes:
        pool: { type: text, required: true, about: What the router calls the route. }
      capabilities: [partialWeights, readBack]
      check:
        settings: { unit: ms, routes: { shop: { pool: shop } } }
        route: shop
      """#,
    python: Part(
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
        """#),
    shell: Part(
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
        """#),
    swift: Part(
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
        """#))
}
