import ArgumentParser
import ControlAPI
import Engine
import Foundation
import PipelineModel
import PipelineSyntax
import Synchronization

/// Reads the files a verb is given; what is wrong with them ends the verb as a `FileRefusal`.
struct Loader {
  /// Whether warnings are shown too.
  var warns = true

  /// How much of headgate.yaml must be right.
  enum Care {
    /// All of it.
    case whole
    /// What is used: what is wrong with a backend is a warning and its fault, and whatever names it is refused.
    case used
    /// For whoever only reads the store, or has traffic or a flag to take away from people: as `used`, and neither what kinds
    /// have against settings nor what has changed in plugins is looked at. What is written wrongly of notifications,
    /// secrets and signatures is left out, and said once.
    case readable
  }

  /// The installation, and the folder its relative paths are relative to; `nil` when none is given and none is here.
  func installation(
    _ options: StoreOptions, _ care: Care = .whole
  ) throws -> (Installation, baseDirectory: String)? {
    guard let path = Self.installationPath(options) else { return nil }
    let parser = Self.installationParser(for: path, care)
    let file = try read(path)
    let (parsed, leftOut) = care == .readable ? parser.parseLeavingOutBroken(file) : (parser.parse(file), [])
    let installation = try accept(parsed)
    if care == .readable { Self.tell(leftOut.map(\.leftOut) + parsed.diagnostics.filter { $0.leavesOut && !warns }) }
    return (installation, URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }

  /// Where the installation is written; `nil` when none is named and none is here.
  private static func installationPath(_ options: StoreOptions) -> String? {
    let named = options.config ?? ProcessInfo.processInfo.environment["HEADGATE_CONFIG"]
    if let named { return named }
    return FileManager.default.fileExists(atPath: "headgate.yaml") ? "headgate.yaml" : nil
  }

  /// As much of the installation as can be read, and all that is wrong with it, so that pipelines are checked against what
  /// is right.
  func installationToCheckBy(_ options: StoreOptions) -> (Installation?, [Diagnostic]) {
    guard let path = Self.installationPath(options) else { return (nil, []) }
    do {
      let file = try SourceFile.read(path)
      let whole = Self.installationParser(for: path).parse(file)
      if let installation = whole.value { return (installation, whole.diagnostics) }
      return (Self.installationParser(for: path, .readable).parseForItsNames(file), whole.diagnostics)
    } catch {
      return (nil, [error.diagnostic])
    }
  }

  private static let told = Mutex<Set<Diagnostic>>([])

  /// A command may read the file more than once; people are told once.
  private static func tell(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics where told.withLock({ $0.insert(diagnostic).inserted }) {
      Console.error(diagnostic.shown(with: Console.styledForErrors))
    }
  }

  /// Plugins are looked for beside the installation's file.
  static func installationParser(for path: String, _ care: Care = .whole) -> InstallationParser {
    let workshop = Workshop.current
    let plugins = PluginFinder.folders(besides: path, asTheyAre: care == .readable)
    return switch care {
    case .whole: InstallationParser(kinds: workshop.kinds, plugins: plugins, check: workshop.faults)
    case .used: InstallationParser(kinds: workshop.kinds, plugins: plugins, .parts, check: workshop.faults)
    case .readable: InstallationParser(kinds: workshop.kinds, plugins: plugins, .parts)
    }
  }

  func plugin(_ path: String) throws -> PluginManifest { try accept(PluginParser().parse(try read(path))) }

  func pipeline(_ path: String, installation: Installation? = nil) throws -> (Pipeline, text: String) {
    let file = try read(path)
    let parser = PipelineParser(installation: installation, kinds: installation == nil ? [] : Workshop.current.kinds)
    return (try accept(parser.parse(file)), String(decoding: file.bytes, as: UTF8.self))
  }

  /// A scenario, checked against the pipeline it names, or against the one given.
  func scenario(_ path: String, pipeline given: Pipeline? = nil) throws -> (Scenario, Pipeline) {
    var found = given
    let parsed = ScenarioParser().parse(try read(path)) { name throws(UnusablePipeline) in
      if found == nil { found = try Self.pipeline(of: name, besides: path) }
      return found
    }
    let scenario = try accept(parsed)
    guard let found else { throw Stop(code: .badFile, description: "\(path) names no pipeline") }
    return (scenario, found)
  }

  /// The pipeline that a scenario names.
  ///
  /// - Throws: why it cannot be used.
  static func pipeline(of name: String, besides path: String) throws(UnusablePipeline) -> Pipeline {
    let file: SourceFile
    do {
      file = try SourceFile.read(Self.path(of: name, besides: path))
    } catch {
      throw UnusablePipeline("the pipeline \"\(name)\": \(error.diagnostic.message)")
    }
    let parsed = PipelineParser().parse(file)
    if let pipeline = parsed.value { return pipeline }
    let errors = parsed.diagnostics.count { $0.severity == .error }
    throw UnusablePipeline(
      "the pipeline \"\(name)\" has \(errors == 1 ? "an error" : "\(errors) errors"), so names in it cannot be checked; "
        + "`headgate validate` shows \(errors == 1 ? "it" : "them")")
  }

  /// Where a file lies that another one names.
  static func path(of name: String, besides path: String) -> String {
    URL(fileURLWithPath: name, relativeTo: URL(fileURLWithPath: path)).path
  }

  /// Traffic on record; metrics that it names are the pipeline's.
  func traffic(_ path: String, for pipeline: Pipeline) throws -> UsualTraffic {
    let traffic = try accept(TrafficFile.read(try read(path)))
    let known = pipeline.metrics.map(\.name)
    for name in traffic.metrics.keys.sorted() where !known.contains(name) {
      throw Stop(
        code: .badFile,
        description: "\(path): there is no metric \"\(name)\" in \(pipeline.name); it has "
          + known.joined(separator: ", "))
    }
    return traffic
  }

  func read(_ path: String) throws -> SourceFile {
    do {
      return try SourceFile.read(path)
    } catch {
      throw FileRefusal(diagnostics: [error.diagnostic])
    }
  }

  private func accept<Value>(_ parsed: Parsed<Value>) throws -> Value {
    let told = parsed.diagnostics.filter { warns || $0.severity == .error }
    guard let value = parsed.value else { throw FileRefusal(diagnostics: told) }
    for diagnostic in told { Console.error(diagnostic.shown(with: Console.styledForErrors)) }
    return value
  }
}

/// A file with mistakes; ends the command with 65.
struct FileRefusal: Error, CustomStringConvertible {
  var diagnostics: [Diagnostic]
  var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

extension Diagnostic {
  /// The same of a part that is done without.
  fileprivate var leftOut: Diagnostic {
    var warning = self
    warning.severity = .warning
    warning.message += "; it is left out, since this goes without it"
    return warning
  }

  /// As on a terminal: the severity in color.
  func shown(with styled: (String, Console.Style) -> String) -> String {
    let style: Console.Style = severity == .error ? .red : .yellow
    return description.replacingOccurrences(
      of: " \(severity.rawValue): ", with: " " + styled("\(severity.rawValue):", style) + " ",
      range: description.range(of: " \(severity.rawValue): "))
  }

  var report: DiagnosticReport {
    DiagnosticReport(
      path: path, line: place.line, column: place.column, severity: severity.rawValue, message: message, help: help,
      didYouMean: nearMiss)
  }
}

/// `name=value`, as `--set` takes it.
struct Assignments {
  var values: [String: String] = [:]

  init(_ given: [String]) throws {
    for text in given {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw Stop(code: .wrongUsage, description: "--set \(text): write it as name=value")
      }
      let name = String(text[..<equals])
      guard values.updateValue(String(text[text.index(after: equals)...]), forKey: name) == nil else {
        throw Stop(code: .wrongUsage, description: "--set \(text): \(name) is set twice; leave one of them out")
      }
    }
  }

  /// Bound to a pipeline, defaults filled in, sorted by name.
  func bound(to pipeline: Pipeline) throws -> [Start.Binding] {
    let binding = pipeline.bind(values)
    guard let values = binding.values else {
      throw Stop(code: .wrongUsage, description: binding.problems.map(\.description).joined(separator: "\n"))
    }
    return values.sorted { $0.key < $1.key }.map { Start.Binding(name: $0.key, value: $0.value) }
  }
}
