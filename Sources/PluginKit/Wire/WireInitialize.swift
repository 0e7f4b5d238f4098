package import PipelineModel

extension Wire {
  /// `initialize`: the first call, once in the life of a process.
  package struct Initialize: Codable, Sendable {
    /// Versions of the protocol that the host speaks.
    package var protocolVersions: [Int]
    package var host: Program
    /// Name of the backend in headgate.yaml.
    package var backend: String
    /// Which of the plugin's kinds this process is to serve.
    package var kind: String
    package var port: String
    /// As in headgate.yaml, checked; durations in seconds, secrets by their values.
    package var settings: JSON
    /// A folder for what must survive a restart; it may not be there yet.
    package var stateDirectory: String
    /// Relative paths in settings are relative to this folder.
    package var baseDirectory: String
    /// Bytes of the longest message the host takes.
    package var longestMessage: Int

    package init(
      host: Program, backend: String, kind: String, port: String, settings: JSON, stateDirectory: String,
      baseDirectory: String, longestMessage: Int
    ) {
      protocolVersions = [Wire.version]
      self.host = host
      self.backend = backend
      self.kind = kind
      self.port = port
      self.settings = settings
      self.stateDirectory = stateDirectory
      self.baseDirectory = baseDirectory
      self.longestMessage = longestMessage
    }
  }

  package struct Program: Codable, Hashable, Sendable {
    package var name: String
    package var version: String
    package init(name: String, version: String) {
      self.name = name
      self.version = version
    }
  }

  /// The answer to `initialize`.
  package struct Greeting: Codable, Hashable, Sendable {
    /// The version both are to speak from now on.
    package var protocolVersion: Int
    package var plugin: Program
    /// What this backend can do with these settings.
    package var capabilities: [String]

    package init(plugin: Program, capabilities: [String]) {
      protocolVersion = Wire.version
      self.plugin = plugin
      self.capabilities = capabilities
    }
  }

  /// No params, or a result that says no more than that it was done.
  package struct Nothing: Codable, Hashable, Sendable {
    package init() {}
  }
}

extension JSON {
  /// Settings as they go to a plugin: durations in seconds, secrets by their values.
  package init(_ settings: Settings, secrets: [String: String]) {
    self = .object(settings.values.mapValues { JSON($0, secrets: secrets) })
  }

  private init(_ value: Settings.Value, secrets: [String: String]) {
    switch value {
    case .text(let text): self = .text(text)
    case .number(let number): self = .number(number)
    case .bool(let bool): self = .bool(bool)
    case .duration(let interval): self = .number(interval.seconds)
    case .list(let values): self = .list(values.map { JSON($0, secrets: secrets) })
    case .map(let settings): self = JSON(settings, secrets: secrets)
    case .secret(let name): self = secrets[name].map(JSON.text) ?? .null
    }
  }
}
