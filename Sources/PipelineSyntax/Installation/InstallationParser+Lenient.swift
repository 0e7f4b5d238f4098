package import PipelineModel

extension InstallationParser {
  /// Parts that only those need who reach for backends. What takes a flag or traffic away from people must not be held by a
  /// mistake in one of them that has nothing to do with it.
  static let optionalParts: Set<String> = [
    InstallationForm.pluginsKey, "providers", "routers", "deployers", "notifiers", "runners", "notify", "secrets",
  ]

  /// The same of things in other parts: how checkpoints are signed, and who is served. Which readings are on record, and
  /// which flags are written to files, is none of them.
  static let optionalThings: [String: Set<String>] = [
    "audit": ["key", "entries", "every", "file", "readableBy", "git", "notify"],
    "serve": ["address", "environment", "tokens", "sources", "exposures", "limits"],
  ]

  /// Reads the file without the backends, notifications and secrets that have something wrong with them. Who may do what,
  /// and where the store is, is read as strictly as ever.
  ///
  /// - Returns: beside the installation, what is wrong with the parts that were left out.
  package func parseLeavingOutBroken(_ file: SourceFile) -> (parsed: Parsed<Installation>, leftOut: [Diagnostic]) {
    let strict = parse(file)
    guard strict.hasErrors, let (source, root) = root(of: file) else { return (strict, []) }
    var (part, leftOut) = (root, [Diagnostic]())
    while true {
      let sink = DiagnosticSink(path: file.path)
      let installation = form.read(part, Reader(source: source, sink: sink))
      let errors = sink.sorted().filter { $0.severity == .error }
      leftOut += errors
      if errors.isEmpty {
        let diagnostics = installation == nil ? strict.diagnostics : sink.sorted()
        return (Parsed(value: installation, diagnostics: diagnostics), leftOut)
      }
      guard part.leaveOut(errors) else { return (Parsed(value: nil, diagnostics: leftOut), []) }
    }
  }

  /// As much as can be read, whatever is wrong with the rest: for checking other files against it, never for use. What is
  /// wrong with a backend is not held against those who name it.
  package func parseForItsNames(_ file: SourceFile) -> Installation? {
    guard let (source, root) = root(of: file) else { return nil }
    let reader = Reader(source: source, sink: DiagnosticSink(path: file.path))
    var installation = form.read(root, reader)
    installation?.unread = reader.unread
    for backends in [\Installation.providers, \.routers, \.deployers, \.notifiers, \.runners] {
      for index in installation?[keyPath: backends].indices ?? 0..<0 {
        installation?[keyPath: backends][index].fault = nil
      }
    }
    return installation
  }

  /// `nil` of what is no sound YAML: of two equal keys nobody can tell which is meant.
  private func root(of file: SourceFile) -> (SourceText, SyntaxNode)? {
    let sink = DiagnosticSink(path: file.path)
    guard let source = SourceText(file.bytes, reportingTo: sink),
      let root = YAMLReader.read(source, reportingTo: sink), !sink.hasErrors
    else { return nil }
    return (source, root)
  }
}

extension SyntaxNode {
  /// Takes away the optional parts that mistakes lie in: of a mapping of several things the thing alone.
  ///
  /// - Returns: `false` when one of them lies elsewhere; then nothing is taken away.
  fileprivate mutating func leaveOut(_ mistakes: [Diagnostic]) -> Bool {
    var less = self
    let meant = Dictionary(mistakes.map { ($0.place, $0.nearMiss) }) { first, _ in first }
    for mistake in mistakes { guard less.leaveOut(mistake, of: self, meant) else { return false } }
    self = less
    return true
  }

  /// - Parameter meant: by place, what a word that means nothing was probably meant to be.
  private mutating func leaveOut(_ mistake: Diagnostic, of whole: SyntaxNode, _ meant: [Place: String?]) -> Bool {
    guard let part = whole.mapEntries?.last(where: { $0.key.place <= mistake.place }) else { return false }
    let things = part.value.mapEntries ?? []
    let thing = things.last { $0.key.place <= mistake.place }
    if InstallationParser.optionalParts.contains(part.key.value) {
      remove(part, thing.map { [$0] })
    } else if let optional = InstallationParser.optionalThings[part.key.value] {
      // What is said of the part as a whole may come of any of them.
      let broken = thing.map { [$0] } ?? things
      let removed = broken.filter { optional.contains(word($0.key, meant)) }
      guard !removed.isEmpty || things.isEmpty else { return false }
      remove(part, things.isEmpty ? nil : removed)
    } else if case let name = word(part.key, meant), name != part.key.value {
      let optional = InstallationParser.optionalThings[name]
      let goesWithout = optional.map { optional in things.allSatisfy { optional.contains($0.key.value) } } ?? false
      guard goesWithout || InstallationParser.optionalParts.contains(name) else { return false }
      remove(part, nil)
    } else {
      return false
    }
    return true
  }

  /// What a key is, or was probably meant to be.
  private func word(_ key: Located<String>, _ meant: [Place: String?]) -> String {
    (meant[key.place] ?? nil) ?? key.value
  }

  /// - Parameter things: of the part; `nil`: all of it.
  private mutating func remove(_ part: Entry, _ things: [Entry]?) {
    content = .map((mapEntries ?? []).compactMap { $0.key.place == part.key.place ? $0.without(things) : $0 })
  }
}

extension SyntaxNode.Entry {
  fileprivate func without(_ things: [SyntaxNode.Entry]?) -> SyntaxNode.Entry? {
    guard let things, let all = value.mapEntries else { return nil }
    let places = things.map(\.key.place)
    var less = self
    less.value.content = .map(all.filter { !places.contains($0.key.place) })
    return less
  }
}
