import PipelineModel

/// What people call something that they tell of services, and the services it is about: as they gave it, tidied up.
struct Heading {
  /// One line.
  let title: String
  /// Sorted, each once; none: it is about all.
  let services: [String]

  /// - Parameters:
  ///   - what: the thing with its article, `an incident`.
  ///   - subject: what its title is to say.
  /// - Throws: `Refusal` for a title nobody could read, a service without a name, or too many of them.
  init(_ title: String, of services: [String], on what: String, saying subject: String) throws(Refusal) {
    self.title = title.trimmed
    guard !self.title.isEmpty else { throw Refusal("\(what) needs a title that says \(subject)") }
    guard self.title.unicodeScalars.count <= Self.longestTitle, !self.title.contains(where: \.isNewline) else {
      throw Refusal("a title is one line of at most \(Self.longestTitle) characters; the rest belongs in --reason")
    }
    let names = services.map(\.trimmed)
    guard !names.contains(""), names.count <= Self.mostServices else {
      throw Refusal("\(what) names at most \(Self.mostServices) services, each by its name")
    }
    self.services = Set(names).sorted()
  }

  private static let longestTitle = 200
  private static let mostServices = 64
}
