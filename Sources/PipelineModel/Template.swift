/// Text with `${name}` places, filled from the run's parameters and the built-ins.
///
/// `$${` writes a literal `${`.
package struct Template: Hashable, Sendable {
  package enum Part: Hashable, Sendable {
    case text(String)
    case variable(String)
  }
  package var parts: [Part]

  package init(parts: [Part]) { self.parts = parts }
  package init(text: String) { parts = [.text(text)] }

  /// Names that every template may use beside the pipeline's own parameters.
  package enum BuiltIn: String, CaseIterable, Sendable {
    /// The version being rolled out; the parameter of the same name, when there is one.
    case version
    /// The version that was stable when the run started; empty on the first run of a target.
    case stable
    /// The candidate's share now, in percent without a sign: `25`, `0.5`.
    case weight
    /// The time a query looks back over, in whole seconds with unit: `60s`.
    case interval
    case service, environment, pipeline, run
    /// The slot the candidate runs in, `blue` or `green`; and the other one.
    case slot, stableSlot
    /// The key of the flag that is ramped, the variant whose share grows, and the one that gives it up. Only in pipelines
    /// with a `flag` stage.
    case flag, variant, fromVariant
    /// Stable name of the effect, the same after a restart: an idempotency key for its receiver.
    case key
  }

  /// Names that mean something only where a flag is ramped.
  package static let namesOfRamps = [BuiltIn.flag, .variant, .fromVariant].map(\.rawValue)

  /// The environment variable by which a command gets the value of a name: `stableSlot` → `HEADGATE_STABLE_SLOT`.
  package static func environmentName(of name: String) -> String {
    name.reduce(into: "HEADGATE_") { text, character in
      if character.isUppercase { text += "_" }
      text += character.isLetter || character.isNumber ? character.uppercased() : "_"
    }
  }

  package var variables: [String] {
    parts.compactMap { if case .variable(let name) = $0 { name } else { nil } }
  }

  /// The text with every place filled; `nil` for a name `value` does not know.
  package func filled(_ value: (String) -> String?) -> String? {
    var text = ""
    for part in parts {
      switch part {
      case .text(let literal): text += literal
      case .variable(let name):
        guard let filling = value(name) else { return nil }
        text += filling
      }
    }
    return text
  }

  /// As written in the pipeline.
  package var source: String {
    parts.map { part in
      switch part {
      case .text(let literal):
        literal.split(separator: "${", omittingEmptySubsequences: false).joined(separator: "$${")
      case .variable(let name): "${\(name)}"
      }
    }.joined()
  }
}
