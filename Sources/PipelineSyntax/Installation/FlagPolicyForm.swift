import PipelineModel

/// How `flags:` is written: an environment's name, and who may do what there.
enum FlagPolicyForm {
  private static let fractional = Key(
    "fractional", generation, default: "v2", "generation of `fractional` that new flags are pinned to")
  private static let change = Key(
    "change", roles, default: "anybody", "roles that may change flags, or ask for it where approvals are wanted")
  private static let approve = Key("approve", roles, default: "anybody else", "roles that may approve")
  private static let approvals = Key(
    "approvals", Form<Int>.integer(0...20).located, default: "0; 1 in production",
    "approvals that a change needs; killing needs none")
  private static let expires = Key(
    "expires", Form<Interval>.positiveDuration, default: "24h", "how long a change that was asked for may be approved")
  private static let kill = Key("kill", roles, default: "anybody", "roles that may switch a flag off at once")
  private static let breakGlass = Key(
    "breakGlass", roles, default: "those that may approve",
    "roles that may go past approvals with a reason; each use is listed for review")
  private static let movers = Key("movers", moversForm, "more approvals where more people move")
  private static let whileRamping = Key(
    "whileRamping", Form<FlagPolicy.Collision>.oneOf("way to treat a deployment"), default: "block",
    "what becomes of a deployment of a service while a flag of it ramps")

  private static let object = ObjectForm(
    name: "flag-environment", about: "Who may do what to the flags of one environment.",
    keys: [change, approve, approvals, expires, kill, breakGlass, movers, whileRamping, fractional],
    refused: ["off": "switching off goes by `change`; what must happen at once is `kill`"])

  static let key = Key(
    "flags", environment.named, "who may do what to flags, environment by environment; others are no environments then")

  static func policy(_ named: [Named<FlagPolicy.Environment>]?, _ reader: Reader) -> FlagPolicy {
    FlagPolicy(
      environments: (named ?? []).map { entry in
        var environment = entry.value.value
        environment.name = entry.name.value
        return environment.completed(at: entry.name.place, reader)
      })
  }

  static let roles = Form<[String]>(.list(.identifier)) { node, reader in
    let names = Form<String>.identifier.located.list.read(node, reader)
    reader.roleUses += names ?? []
    return names?.map(\.value)
  }

  private static let generation = Form<String>(.oneOf(["v1", "v2", "v3"])) { node, reader in
    guard let text = reader.text(node, wanting: "a generation", help: "`v1`, `v2` or `v3`") else { return nil }
    if ["v1", "v2", "v3"].contains(text) { return text }
    reader.sink.unknown("generation", text, among: ["v1", "v2", "v3"], at: node.place)
    return nil
  }

  private static let environment = Form<FlagPolicy.Environment>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let approve = fields[approve]?.value ?? []
    return FlagPolicy.Environment(
      name: "", fractional: fields[fractional]?.value ?? "v2", change: fields[change]?.value ?? [], approve: approve,
      // What the name decides is filled in when the name is known.
      approvals: fields[approvals]?.value.value ?? FlagPolicy.Environment.unsaid,
      expires: fields[expires]?.value ?? .hours(24), kill: fields[kill]?.value ?? [],
      breakGlass: fields[breakGlass]?.value ?? approve, movers: fields[movers]?.value,
      whileRamping: fields[whileRamping]?.value ?? .block)
  }

  // MARK: Movers

  private static let above = Key("above", Form<Weight>.percentage, required: true, "share of people who move")
  private static let more = Key("approvals", Form<Int>.integer(1...20), required: true, "approvals needed beyond it")
  private static let moversObject = ObjectForm(
    name: "movers", about: "More approvals where more people move.", keys: [above, more])
  private static let moversForm = Form<FlagPolicy.Environment.Movers>(.object(moversObject)) { node, reader in
    guard let fields = reader.fields(node, moversObject), let above = fields[above]?.value,
      let more = fields[more]?.value
    else { return nil }
    return .init(above: above, approvals: more)
  }
}

extension FlagPolicy.Environment {
  fileprivate static let unsaid = -1

  /// With what goes by the environment's name.
  fileprivate func completed(at place: Place, _ reader: Reader) -> Self {
    var whole = self
    if approvals == Self.unsaid { whole.approvals = Self.standardApprovals(name) }
    if whole.approvals == 0, Self.standardApprovals(name) > 0 {
      reader.sink.error(
        "a change in \(quote(name)) needs at least one approval", at: place,
        help: "leave `approvals` out, or set it to 1 or more; what must happen at once goes by `kill` and `breakGlass`")
    }
    if let movers, movers.approvals <= whole.approvals {
      reader.sink.error(
        "beyond \(movers.above) as many approvals are wanted as below it, \(whole.approvals), or fewer", at: place,
        help: "set `movers.approvals` to \(whole.approvals + 1) or more, or leave `movers` out")
    }
    return whole
  }
}
