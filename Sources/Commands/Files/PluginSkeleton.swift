import ArgumentParser
import Foundation

/// The files of a new plugin: a metric provider that answers each number with itself.
struct PluginSkeleton {
  enum Language: String, ExpressibleByArgument, CaseIterable {
    case python, shell, swift
  }

  struct File {
    var name: String
    var text: String
    var isProgram = false
  }

  var name: String
  var language: Language

  var files: [File] {
    let program: [File] =
      switch language {
      case .python: [File(name: "\(name).py", text: Self.python, isProgram: true)]
      case .shell: [File(name: name, text: Self.shell, isProgram: true)]
      case .swift:
        [
          File(name: "main.swift", text: Self.swift),
          File(
            name: "build", text: "#!/bin/sh\ncd \"$(dirname \"$0\")\" && swiftc -O main.swift -o NAME\n",
            isProgram: true),
        ]
      }
    return ([File(name: "plugin.yaml", text: manifest)] + program).map { file in
      var file = file
      file.text = file.text.replacingOccurrences(of: "NAME", with: name)
      return file
    }
  }

  func write(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for file in files {
      let path = "\(folder)/\(file.name)"
      try Data(file.text.utf8).write(to: URL(fileURLWithPath: path))
      if file.isProgram { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path) }
    }
  }

  private var command: String {
    switch language {
    case .python: "[python3, -B, NAME.py]"
    case .shell, .swift: "[./NAME]"
    }
  }

  private var manifest: String {
    """
    plugin: NAME
    version: 0.1.0
    protocol: 1
    about: Says in one sentence what this plugin is for.
    command: \(command)
    # It answers one call after the other, so it is asked one at a time.
    limits: { calls: 1 }
    kinds:
      NAME:
        port: metrics
        about: Answers each number with itself.
        settings:
          unit: { type: text, about: "An example of a setting; nothing uses it." }
        check:
          settings: { unit: ms }
          queries: ["42", "0.5"]
          badQuery: not a number

    """
  }
}
