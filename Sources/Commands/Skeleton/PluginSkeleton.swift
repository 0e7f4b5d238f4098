import ArgumentParser
import Foundation

/// The files of a new plugin that works at once, without any backend: for each port and language.
struct PluginSkeleton {
  enum Port: String, ExpressibleByArgument, CaseIterable {
    case metrics, traffic, deployment, notification, step
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
    ([File(name: "plugin.yaml", text: manifest)] + program).map { file in
      var file = file
      file.text = file.text.replacing("NAME", with: name)
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

  private var program: [File] {
    switch language {
    case .python: [File(name: "\(name).py", text: python, isProgram: true)]
    case .shell: [File(name: name, text: filled(ProgramFrame.shell, skeleton.shell), isProgram: true)]
    case .swift:
      [
        File(name: "main.swift", text: filled(ProgramFrame.swift, skeleton.swift)),
        File(
          name: "build", text: "#!/bin/sh\ncd \"$(dirname \"$0\")\" && swiftc -O main.swift -o NAME\n", isProgram: true),
      ]
    }
  }

  private var skeleton: PortSkeleton {
    switch port {
    case .metrics: .metrics
    case .traffic: .traffic
    case .deployment: .deployment
    case .notification: .notification
    case .step: .step
    }
  }

  /// What nothing uses is not imported.
  private var python: String {
    let program = filled(ProgramFrame.python, skeleton.python)
    let unused = ["os", "time"].filter { !program.contains("\($0).") }
    return unused.reduce(program) { $0.replacing("import \($1)\n", with: "") }
  }

  private func filled(_ frame: String, _ part: PortSkeleton.Part) -> String {
    let capabilities = port == .traffic ? "[\"partialWeights\", \"readBack\"]" : "[]"
    return frame.replacing("@WORK@\n", with: part.work + "\n").replacing("@METHODS@\n", with: part.methods + "\n")
      .replacing("@CAPABILITIES@", with: capabilities)
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

    """ + skeleton.manifest.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
  }
}
