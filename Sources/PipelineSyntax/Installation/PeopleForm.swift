import PipelineModel

/// How `actingFor:` is written: accounts of this machine that may name others with `--as`, or `anybody`.
enum PeopleForm {
  private static let anybody = "anybody"

  static let key = Key(
    "actingFor", accounts, default: "nobody",
    "accounts of this machine that may act in another's name with `--as`, or `anybody`; the log keeps who said it")

  private static let accounts = Form<PeoplePolicy.Accounts>(Form<String>.text.list.shape) { node, reader in
    guard let names = Form<String>.text.list.read(node, reader) else { return nil }
    return names.contains(anybody) ? .anybody : .these(names)
  }
}

/// How `freezes:` is written: who may declare times in which changes wait, and who may end them.
enum FreezePolicyForm {
  private static let start = Key("start", FlagPolicyForm.roles, default: "anybody", "roles that may declare a freeze")
  private static let end = Key(
    "end", FlagPolicyForm.roles, default: "anybody", "roles that may end one before its time")
  private static let object = ObjectForm(
    name: "freezes", about: "Who may declare times in which changes wait, and end them.", keys: [start, end])

  static let key = Key("freezes", form, "who may declare times in which changes wait, and end them")

  private static let form = Form<FreezePolicy>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    return FreezePolicy(start: fields[start]?.value ?? [], end: fields[end]?.value ?? [])
  }
}
