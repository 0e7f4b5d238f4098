package import PipelineModel

/// Text with `${name}` places that a notice fills; `$${` writes a literal `${`.
package struct NoticeTemplate: Hashable, Sendable {
  private enum Part: Hashable, Sendable {
    case text(String)
    case name(String)
  }

  private var parts: [Part] = []

  /// What may stand between the braces.
  package static let names = [
    "title", "text", "event", "severity", "service", "environment", "pipeline", "version", "run", "stage", "weight",
    "owner", "runbook", "time", "key",
  ]

  /// - Throws: `misconfigured`, naming what is wrong.
  package init(_ source: String) throws(Failure) {
    var rest = source[...]
    while let dollar = rest.firstRange(of: "${") {
      let before = rest[..<dollar.lowerBound]
      if before.hasSuffix("$") {
        parts.append(.text(before.dropLast() + "${"))
        rest = rest[dollar.upperBound...]
        continue
      }
      guard let end = rest[dollar.upperBound...].firstIndex(of: "}") else {
        throw Failure(.misconfigured, "`${` is never closed in the template \"\(source.excerpt(60))\"")
      }
      let name = String(rest[dollar.upperBound..<end])
      guard Self.names.contains(name) else {
        let known = Self.names.joined(separator: ", ")
        throw Failure(.misconfigured, "a template knows no ${\(name.excerpt(40))}; it knows \(known)")
      }
      parts += [.text(String(before)), .name(name)]
      rest = rest[rest.index(after: end)...]
    }
    parts.append(.text(String(rest)))
  }

  package func filled(by notice: Notice) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .name(let name): notice.value(of: name)
      }
    }.joined()
  }
}

extension Notice {
  /// What a template puts for a name; empty for what a notice has not.
  package func value(of name: String) -> String {
    switch name {
    case "title": title
    case "text": text
    case "event": event.rawValue
    case "severity": severity.rawValue
    case "service": service
    case "environment": environment
    case "pipeline": pipeline
    case "version": version
    case "run": run.map { "\($0)" } ?? ""
    case "runbook": runbook ?? ""
    case "time": time.rfc3339
    case "key": key
    default: fields.first { $0.name == name }?.value ?? ""
    }
  }

  /// The notice with its title and text made by an operator's templates, where there are any.
  package func retold(title: NoticeTemplate?, text: NoticeTemplate?) -> Notice {
    var notice = self
    if let title { notice.title = title.filled(by: self).split(whereSeparator: \.isNewline).joined(separator: " ") }
    if let text { notice.text = text.filled(by: self) }
    return notice
  }
}

/// The templates of a notifier's settings.
package struct NoticeTemplates: Hashable, Sendable {
  private var title: NoticeTemplate?
  private var text: NoticeTemplate?

  package static let settings: SettingsSchema = [
    .init("title", .template(NoticeTemplate.names), about: "Template of the title; `${title}` is the usual one."),
    .init("text", .template(NoticeTemplate.names), about: "Template of the text; `${text}` is the usual one."),
  ]

  package init(_ backend: Backend) throws(Failure) {
    do throws(Failure) {
      if let source = backend.settings.text("title") { title = try NoticeTemplate(source) }
      if let source = backend.settings.text("text") { text = try NoticeTemplate(source) }
    } catch {
      throw error.told("\(backend.name): \(error.message)")
    }
  }

  package func retell(_ notice: Notice) -> Notice { notice.retold(title: title, text: text) }
}
