import PipelineModel

/// How `serve:` is written.
enum ServingForm {
  private static let address = Key(
    "address", Form<Serving.Address>.address.located, default: "\(Serving.Address.standard)",
    "where it listens; port 0 is any that is free")
  private static let environment = Key(
    "environment", Form<String>.identifier, "of requests that name none and whose token does not settle it")
  private static let tokens = Key("tokens", TokenForm.form.named, "who may do what, by the secrets they are known by")
  private static let sources = Key(
    "sources", Form<String>.text.named, "flagd files, by environment, that stand in for the flags of the store")
  private static let files = Key(
    "files", Form<String>.text.named, "flagd files, by environment, that are written whenever flags change")
  private static let exposures = Key("exposures", exposuresForm, "what is kept about who was given what")
  private static let limits = Key("limits", LimitsForm.form, "how much a client may ask of the server")

  private static let object = ObjectForm(
    name: "serve", about: "How `headgate serve` serves flags and the controller's interface.",
    keys: [address, environment, tokens, sources, files, exposures, limits],
    refused: ["token": "write `tokens: { name: { secret: name, may: [evaluate] } }`; values never stand in the file"])

  static let key = Key("serve", form, "how `headgate serve` serves flags and the controller's interface")

  private static let form = Form<Serving>(.object(object)) { node, reader in
    guard let fields = reader.fields(node, object) else { return nil }
    let tokens = (fields[tokens]?.value ?? []).map { entry in
      var token = entry.value.value
      token.name = entry.name.value
      return token
    }
    let address = fields[address]?.value
    if let address, !address.value.isLoopback, tokens.isEmpty, !fields.has("tokens") {
      reader.sink.error(
        "\(quote(address.value.description)) can be reached from other machines, and there are no tokens",
        at: address.place, help: "add `tokens:`, or listen on 127.0.0.1")
    }
    checkFiles(fields[sources]?.value, against: fields[files]?.value, reader)
    return Serving(
      address: address?.value ?? .standard, environment: fields[environment]?.value, tokens: tokens,
      sources: flagFiles(fields[sources]?.value), files: flagFiles(fields[files]?.value),
      exposures: fields[exposures]?.value ?? .init(), limits: fields[limits]?.value ?? .init())
  }

  private static func flagFiles(_ named: [Named<String>]?) -> [Serving.FlagFile] {
    (named ?? []).map { .init(environment: $0.name.value, path: $0.value.value) }
  }

  /// A file that is both read and written would be read again for ever.
  private static func checkFiles(_ sources: [Named<String>]?, against files: [Named<String>]?, _ reader: Reader) {
    var owners: [String: String] = [:]
    for source in sources ?? [] { owners[source.value.value] = source.name.value }
    for file in files ?? [] {
      if let other = owners[file.value.value] {
        reader.sink.error(
          "\(quote(file.value.value)) is already the file of \(quote(other))", at: file.value.place,
          help: "write each environment to a file of its own")
      }
      owners[file.value.value] = file.name.value
    }
  }

  private static let subjects = Key(
    "subjects", Form<Serving.Exposures.Subjects>.oneOf("way to keep subjects"), default: "hashed",
    "how targeting keys are kept: `hashed`, `plain`, or `none` to count evaluations only")
  private static let keep = Key(
    "keep", Form<Interval>.positiveDuration, default: "90d", "how long counts and exposures are kept")
  private static let exposuresObject = ObjectForm(
    name: "exposures", about: "What is kept about who was given what.", keys: [subjects, keep])
  private static let exposuresForm = Form<Serving.Exposures>(.object(exposuresObject)) { node, reader in
    reader.fields(node, exposuresObject).map { fields in
      let standard = Serving.Exposures()
      return .init(
        subjects: fields[subjects]?.value ?? standard.subjects, keep: fields[keep]?.value ?? standard.keep)
    }
  }
}

extension Form where Value == Serving.Address {
  fileprivate static let address = Form(.pattern("^.+:[0-9]{1,5}$", example: "127.0.0.1:8710")) { node, reader in
    let help = "a host and a port, for example `127.0.0.1:8710` or `[::1]:8710`"
    guard let text = reader.text(node, wanting: "an address", help: help) else { return nil }
    if let address = Serving.Address(text) { return address }
    reader.sink.error("\(quote(text)) is not an address", at: node.place, help: help)
    return nil
  }
}
