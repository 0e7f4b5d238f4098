extension PortSkeleton {
  /// A metric provider that answers each number with itself.
  static let metrics = PortSkeleton(
    manifest: #"""
      port: metrics
      about: Answers each number with itself, and `none` with nothing.
      settings:
        unit: { type: text, about: "An example of a setting; nothing uses it." }
      check:
        settings: { unit: ms }
        queries: ["42", "0.5"]
        badQuery: not a number
        emptyQuery: none
        slowQuery: slow
      """#,
    python: Part(
      work: #"""
        def sample(params):
            """Ask your backend here, for `within` seconds at most. A missing value is None, never 0."""
            query = params["query"]
            if query == "none":
                return {"answer": None}
            if query == "slow":
                time.sleep(params["within"])
                raise Refusal(TRANSIENT, "there was no answer in time")
            try:
                return {"answer": float(query)}
            except ValueError:
                raise Refusal(REJECTED, f"{query!r} is not a number")


        """#,
      methods: #"""
            "metrics.sample": sample,
        """#),
    shell: Part(
      work: #"""
        # Ask your backend here, for `within` seconds at most. A missing value is null, never 0.
        sample() {
          query=$(param query) && within=$(param within) || return
          [ "$query" != slow ] || { sleep "$within"; refuse "$TRANSIENT" "there was no answer in time"; return; }
          answer=$(jq -n --arg query "$query" 'if $query == "none" then null else $query | tonumber end' 2>/dev/null) ||
            { refuse "$REJECTED" "\"$query\" is not a number"; return; }
          result "{\"answer\": $answer}"
        }

        """#,
      methods: #"""
            metrics.sample) sample ;;
        """#),
    swift: Part(
      work: #"""
          /// Ask your backend here, for `within` seconds at most. A missing value is `NSNull()`, never 0.
          func sample(_ query: String, within: Double) throws -> Any {
            if query == "none" { return NSNull() }
            if query == "slow" {
              Thread.sleep(forTimeInterval: within)
              throw Refusal(code: Refusal.transient, message: "there was no answer in time")
            }
            guard let number = Double(query), number.isFinite else {
              throw Refusal(code: Refusal.rejected, message: "\"\(query)\" is not a number")
            }
            return number
          }
        """#,
      methods: #"""
            case "metrics.sample":
              let query = try member("query", of: params, as: String.self)
              return ["answer": try sample(query, within: try member("within", of: params, as: Double.self))]
        """#))
}
