extension PortSkeleton {
  /// A notifier that writes into a file.
  static let notification = PortSkeleton(
    manifest: #"""
      port: notification
      about: Writes notices into a file of its own.
      settings:
        unit: { type: text, about: "An example of a setting; nothing uses it." }
      check:
        settings: { unit: ms }
        # Prints what has been received, each notice with its key.
        received: [sh, -c, 'cat "$STATE_DIRECTORY/notices"']
      """#,
    python: Part(
      work: #"""
        def send(params):
            """Tell your receiver here. A notice that comes a second time has the key it had."""
            notice = {name: params[name] for name in ("key", "severity", "service", "title", "text")}
            os.makedirs(settings["stateDirectory"], exist_ok=True)
            with open(os.path.join(settings["stateDirectory"], "notices"), "a+") as file:
                file.seek(0)
                if not any(json.loads(line)["key"] == params["key"] for line in file):
                    file.write(json.dumps(notice) + "\n")
            return {}


        """#,
      methods: #"""
            "notify.send": send,
        """#),
    shell: Part(
      work: #"""
        # Tell your receiver here. A notice that comes a second time has the key it had.
        send() {
          key=$(param key) && mkdir -p "$state" || return
          touch "$state/notices"
          [ -n "$(jq -c --arg key "$key" 'select(.key == $key)' "$state/notices")" ] ||
            printf '%s' "$line" | jq -c '.params | {key, severity, service, title, text}' >>"$state/notices" ||
            { refuse "$TRANSIENT" "$state/notices could not be written"; return; }
          result '{}'
        }

        """#,
      methods: #"""
            notify.send) send ;;
        """#),
    swift: Part(
      work: #"""
          /// Tell your receiver here. A notice that comes a second time has the key it had.
          func send(_ params: Object) throws -> Object {
            let key = try member("key", of: params, as: String.self)
            let file = URL(fileURLWithPath: "\(state)/notices")
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
            let written = (try? Data(contentsOf: file)) ?? Data()
            let notices = written.split(separator: 0x0A).compactMap { try? JSONSerialization.jsonObject(with: $0) as? Object }
            if notices.contains(where: { $0["key"] as? String == key }) { return [:] }
            let notice = params.filter { ["key", "severity", "service", "title", "text"].contains($0.key) }
            let line = try JSONSerialization.data(withJSONObject: notice) + Data("\n".utf8)
            try (written + line).write(to: file, options: .atomic)
            return [:]
          }
        """#,
      methods: #"""
            case "notify.send": return try send(params)
        """#))
}
