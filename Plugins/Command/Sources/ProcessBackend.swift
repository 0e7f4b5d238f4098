import PipelineModel
package import PluginKit

extension BackendFactory<any Deployer> {
  /// Processes of this machine.
  package static var process: Self {
    Self(
      kind: BackendKind(
        name: "process", port: .deployment,
        about: "Runs each slot's version as a process of this machine, and starts it again when it dies.",
        settings: SettingsSchema(
          [
            .init("command", .text, about: "Runs HEADGATE_VERSION in the foreground on HEADGATE_PORT; for /bin/sh."),
            .init("argv", .list(.text), about: "Instead of `command`: program and arguments, as they are."),
            .init("ports", .map(ports), required: true, about: "The port of each slot, as HEADGATE_PORT."),
            .init("health", .text, about: "URL with $HEADGATE_PORT that is ready with 2xx; else a TCP connection."),
            .init("startWithin", .duration, about: "Longest until it is ready; 1m unless given."),
            .init("stopWithin", .duration, about: "Longest between TERM and KILL; 10s unless given."),
            .init("environment", .mapOf(.text), about: "More variables for the process."),
            .init("directory", .text, about: "Where it runs; the folder of this file unless given."),
          ], rules: [.oneOf(["command", "argv"])]))
    ) { backend, context throws(Failure) in
      let ports = try ports(of: backend)
      let health = backend.settings.text("health") ?? "tcp://127.0.0.1:\(ProcessHealth.place)"
      do throws(Failure) { _ = try ProcessHealth(health, port: 1) } catch {
        throw error.told("\(backend.name): \(error.message)")
      }
      return ProcessDeployer(
        name: backend.name, command: try command(of: backend), ports: ports, health: health,
        startWithin: backend.settings.duration("startWithin") ?? .minutes(1),
        stopWithin: backend.settings.duration("stopWithin") ?? .seconds(10),
        environment: texts("environment", of: backend), directory: folder(of: backend, context),
        root: "\(context.stateDirectory)/deployments/\(backend.name)")
    }
  }

  private static var ports: SettingsSchema {
    SettingsSchema(
      Slot.allCases.map {
        .init($0.rawValue, .number, .port, required: true, about: "The port of slot \($0.rawValue).")
      },
      rules: [.differ("blue", "green")])
  }

  private static func ports(of backend: Backend) throws(Failure) -> [Slot: Int] {
    var ports: [Slot: Int] = [:]
    for slot in Slot.allCases {
      guard let number = backend.settings.map("ports")?.number(slot.rawValue), let port = Int(exactly: number),
        (1...65535).contains(port), !ports.values.contains(port)
      else {
        throw Failure(.misconfigured, "\(backend.name): `ports` must give each slot a port of its own, 1 to 65535")
      }
      ports[slot] = port
    }
    return ports
  }

  private static func command(of backend: Backend) throws(Failure) -> String {
    let text = backend.settings.text("command")?.trimmed ?? ""
    var words: [String] = []
    if case .list(let values)? = backend.settings["argv"] {
      words = values.compactMap { if case .text(let word) = $0 { word } else { nil } }
    }
    guard text.isEmpty != words.isEmpty else {
      throw Failure(.misconfigured, "\(backend.name): give one of `command` and `argv`, the process to run")
    }
    return words.isEmpty ? text : "exec " + words.map(ProcessKeeper.quoted).joined(separator: " ")
  }
}
