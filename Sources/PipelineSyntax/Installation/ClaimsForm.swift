import PipelineModel

/// The keys of `changes:`: the roles that may claim a kind of change which goes ahead whatever an error budget says.
enum ClaimsForm {
  private static let keys = [ChangeKind.emergency, .security, .reliability].map { kind in
    (
      kind: kind,
      key: Key(kind.rawValue, Form.text.located.list, default: "anybody, with a reason", "roles that may claim it")
    )
  }

  private static let object = ObjectForm(
    name: "changes", about: "Who may start a run as what; whoever claims one of these gives a reason.",
    keys: keys.map(\.key))

  static let form = Form<[ChangeKind: [Located<String>]]>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    return keys.reduce(into: [:]) { claims, entry in claims[entry.kind] = fields[entry.key]?.value }
  }
}
