import PipelineModel
package import PluginKit

extension BackendFactory<any TrafficRouter> {
  /// Any router that a command can set.
  package static var command: Self {
    Self(
      kind: BackendKind(
        name: "command", port: .traffic,
        about: "Moves traffic by a command of your own; the exit status says how it went.",
        settings: SettingsSchema(
          [
            .init("set", .text, required: true, about: "Gives the candidate the share in HEADGATE_WEIGHT, in percent."),
            .init("get", .text, about: "Prints the candidate's share in percent, so that a lost weight is noticed."),
            .init("setMirror", .text, about: "Copies the share of requests in HEADGATE_WEIGHT to the candidate, too."),
            .init("getMirror", .text, about: "Prints the share that is copied to the candidate, in percent."),
            .init(
              "setHeader", .text,
              about: "Sends requests whose HEADGATE_HEADER is HEADGATE_HEADER_VALUE to HEADGATE_SLOT; empty: none."),
            .init(
              "getHeader", .text, about: "Prints that rule, such as `green x-canary: yes`; nothing where there is none."
            ),
            .init("timeout", .duration, about: "Longest a command may take; 10s unless given."),
            .init("environment", .mapOf(.text), about: "More variables for the commands."),
            .init("directory", .text, about: "Where the commands run; the folder of this file unless given."),
          ], rules: SettingsRule.together("setMirror", "getMirror") + SettingsRule.together("setHeader", "getHeader")),
        capabilities: [.partialWeights],
        conditional: [.readBack: "get", .mirror: "getMirror", .headerRoute: "getHeader"])
    ) { backend, context throws(Failure) in
      CommandRouter(
        name: backend.name, set: try required("set", of: backend), get: backend.settings.text("get"),
        mirrors: try pair("setMirror", "getMirror", of: backend),
        headers: try pair("setHeader", "getHeader", of: backend),
        timeout: backend.settings.duration("timeout") ?? .seconds(10), environment: texts("environment", of: backend),
        directory: folder(of: backend, context))
    }
  }
}

/// Two commands that come together: what is set must be asked for, too.
private func pair(_ set: String, _ get: String, of backend: Backend) throws(Failure) -> CommandRouter.Pair? {
  switch (backend.settings.text(set), backend.settings.text(get)) {
  case (nil, nil): return nil
  case (let setting?, let getting?): return CommandRouter.Pair(set: setting, get: getting)
  default:
    throw Failure(.misconfigured, "\(backend.name): `\(set)` and `\(get)` come together; give both, or none")
  }
}

extension BackendFactory<any Deployer> {
  /// Any deployment that commands can start, ask and stop.
  package static var command: Self {
    Self(
      kind: BackendKind(
        name: "command", port: .deployment,
        about: "Brings versions up and down by commands of your own.",
        settings: SettingsSchema([
          .init("start", .text, required: true, about: "Brings HEADGATE_VERSION up in HEADGATE_SLOT; runs once."),
          .init("health", .text, required: true, about: "0: ready, 75: still starting, anything else: failed."),
          .init("stop", .text, required: true, about: "Takes the slot's version down; harmless when nothing runs."),
          .init("startTimeout", .duration, about: "Longest the start command may take; 10m unless given."),
          .init("healthTimeout", .duration, about: "Longest one health command may take; 10s unless given."),
          .init("stopTimeout", .duration, about: "Longest the stop command may take; 2m unless given."),
          .init("environment", .mapOf(.text), about: "More variables for the commands."),
          .init("directory", .text, about: "Where the commands run; the folder of this file unless given."),
        ]))
    ) { backend, context throws(Failure) in
      CommandDeployer(
        name: backend.name, start: try required("start", of: backend), health: try required("health", of: backend),
        stop: try required("stop", of: backend),
        startTimeout: backend.settings.duration("startTimeout") ?? .minutes(10),
        healthTimeout: backend.settings.duration("healthTimeout") ?? .seconds(10),
        stopTimeout: backend.settings.duration("stopTimeout") ?? .minutes(2),
        environment: texts("environment", of: backend), directory: folder(of: backend, context),
        root: "\(context.stateDirectory)/deployments/\(backend.name)")
    }
  }
}

extension BackendFactory<any Notifier> {
  /// Anything that a command can tell.
  package static var command: Self {
    Self(
      kind: BackendKind(
        name: "command", port: .notification,
        about: "Tells by a command of your own; the notice is in its environment.",
        settings: [
          .init(
            "run", .text, required: true, about: "Tells HEADGATE_TITLE and HEADGATE_TEXT, once for HEADGATE_KEY."),
          .init("timeout", .duration, about: "Longest it may take; 10s unless given."),
          .init("environment", .mapOf(.text), about: "More variables for the command."),
          .init("directory", .text, about: "Where it runs; the folder of this file unless given."),
        ] + NoticeTemplates.settings)
    ) { backend, context throws(Failure) in
      CommandNotifier(
        name: backend.name, run: try required("run", of: backend),
        timeout: backend.settings.duration("timeout") ?? .seconds(10), environment: texts("environment", of: backend),
        directory: folder(of: backend, context), templates: try NoticeTemplates(backend))
    }
  }
}

private func required(_ name: String, of backend: Backend) throws(Failure) -> String {
  if let text = backend.settings.text(name), !text.trimmed.isEmpty { return text }
  throw Failure(.misconfigured, "\(backend.name): `\(name)` is missing; give the command to run")
}

func texts(_ name: String, of backend: Backend) -> [String: String] {
  let values = backend.settings.map(name)?.values ?? [:]
  return values.compactMapValues { if case .text(let text) = $0 { text } else { nil } }
}

func folder(of backend: Backend, _ context: BackendContext) -> String {
  guard let given = backend.settings.text("directory") else { return context.baseDirectory }
  return given.hasPrefix("/") ? given : "\(context.baseDirectory)/\(given)"
}
