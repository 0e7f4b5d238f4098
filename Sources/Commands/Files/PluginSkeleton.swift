import ArgumentParser
import Foundation

/// The files of a new plugin: a metric provider that answers each number with itself, a router that keeps the weights in a
/// file, or a runner whose step waits.
struct PluginSkeleton {
  enum Port: String, ExpressibleByArgument, CaseIterable {
    case metrics, traffic, step
  }

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
  var port: Port

  var files: [File] {
    let program: [File] =
      switch language {
      case .python: [File(name: "\(name).py", text: python, isProgram: true)]
      case .shell: [File(name: name, text: shell, isProgram: true)]
      case .swift:
        [
          File(name: "main.swift", text: swift),
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

    """ + kind.map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
  }

  private var kind: [String] {
    switch port {
    case .metrics: Self.metrics
    case .traffic: Self.traffic
    case .step: Self.steps
    }
  }

  private static let metrics = [
    "port: metrics", "about: Answers each number with itself.", "settings:",
    "  unit: { type: text, about: \"An example of a setting; nothing uses it.\" }", "check:",
    "  settings: { unit: ms }", "  queries: [\"42\", \"0.5\"]", "  badQuery: not a number",
  ]

  private static let traffic = [
    "port: traffic", "about: Keeps the weights in a file of its own.", "settings:",
    "  unit: { type: text, about: \"An example of a setting; nothing uses it.\" }", "routes:",
    "  pool: { type: text, required: true, about: What the router calls the route. }",
    "capabilities: [partialWeights, readBack]", "check:",
    "  settings: { unit: ms, routes: { shop: { pool: shop } } }", "  route: shop",
  ]

  private static let steps = [
    "port: step", "about: Lets time pass, and then passes or fails.", "settings:",
    "  unit: { type: text, about: \"An example of a setting; nothing uses it.\" }", "steps:", "  wait:",
    "    about: Waits.", "    with:",
    "      length: { type: duration, required: true, about: How long. }",
    "      fail: { type: bool, about: Whether it fails then. }", "check:",
    "  settings: { unit: ms }", "  passing: { step: wait, with: { length: 0s } }",
    "  failing: { step: wait, with: { length: 0s, fail: true } }", "  slow: { step: wait, with: { length: 10m } }",
  ]
}
