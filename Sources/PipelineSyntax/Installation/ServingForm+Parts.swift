import PipelineModel

/// How a token is written: `shop: { secret: shop-token, may: [evaluate], environments: [production] }`.
enum TokenForm {
  private static let secret = Key(
    "secret", Form<String>.text.located, required: true, "a name under `secrets:`; the token is its value")
  private static let may = Key(
    "may", Form<Serving.Scope>.oneOf("scope").list, default: "[evaluate]",
    "`evaluate` flags, `sync` their definitions, `read` flags and figures, ask for a `change`")
  private static let environments = Key(
    "environments", Form<String>.identifier.list, default: "every one", "the environments it may ask about")
  private static let person = Key(
    "as", Form<String>.text, default: "the token's own name", "the person in whose name, and with whose roles, it acts")
  private static let rate = Key(
    "rate", Form<Int>.integer(1...1_000_000), default: "no limit", "requests a second, answered 429 beyond")

  private static let object = ObjectForm(
    name: "token", about: "A client that is known by a secret.", keys: [secret, may, environments, person, rate])

  static let form = Form<Serving.Token>(.object(object)) { node, reader in
    guard case .map = node.content else {
      // Not quoted: it may be a real one.
      reader.sink.error(
        "a token may not be written into this file", at: node.place,
        help: "say under `secrets:` where its value comes from, and write `{ secret: name }` here")
      return nil
    }
    guard let fields = reader.fields(node, object), let secret = fields[secret]?.value else { return nil }
    reader.secretUses.append(secret)
    return Serving.Token(
      name: "", secret: secret.value, scopes: Set(fields[may]?.value ?? [.evaluate]),
      environments: fields[environments]?.value ?? [], person: fields[person]?.value, rate: fields[rate]?.value)
  }
}

/// How `limits:` of `serve:` is written.
enum LimitsForm {
  private static let standard = Serving.Limits()
  private static let body = Key(
    "body", Form<Int>.integer(1024...(64 << 20)), default: "\(standard.body)", "of a request's body, in bytes")
  private static let connections = Key(
    "connections", Form<Int>.integer(1...1_000_000), default: "\(standard.connections)",
    "connections at a time; further ones wait")
  private static let request = Key(
    "request", Form<Interval>.positiveDuration, default: standard.request.description,
    "how long a request may take to arrive, and an answer to be taken")
  private static let idle = Key(
    "idle", Form<Interval>.positiveDuration, default: standard.idle.description, "between two requests of a connection")
  private static let streams = Key(
    "streams", Form<Int>.integer(1...1_000_000), default: "\(standard.streams)", "streams of changes at a time")

  private static let object = ObjectForm(
    name: "limits", about: "How much a client may ask of the server.",
    keys: [body, connections, request, idle, streams])

  static let form = Form<Serving.Limits>(.object(object)) { node, reader in
    reader.fields(node, object).map { fields in
      Serving.Limits(
        body: fields[body]?.value ?? standard.body, connections: fields[connections]?.value ?? standard.connections,
        request: fields[request]?.value ?? standard.request, idle: fields[idle]?.value ?? standard.idle,
        streams: fields[streams]?.value ?? standard.streams)
    }
  }
}
