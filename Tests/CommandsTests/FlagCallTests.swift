import Foundation
import LiveRig
import Testing

// A session of calls, sensible or not, at `headgate serve` over HTTP, by tokens with and without roles. After each call the
// flags and proposals are looked at as anybody may; at the end the journal is, from the command line.
//
// Shown: what was refused changed nothing, and what is only asked beforehand neither; flags and proposals are, value for
// value, what the entries of the journal alone make them; each is in the name of the token's person; what was refused by
// the store has an entry too; what never got so far has none; and the log is whole. The comparison is shown to notice an
// entry that is not there, or says something else. `FUZZ_SEED` chooses the calls, and each failure prints it.

@Suite struct FlagCallTests {
  private static let calls = 300

  @Test func `no call changes anything without an entry, and none that is refused changes anything`() async throws {
    try await Scratch.with { scratch in
      let house = try await CalledHouse(scratch)
      let seed =
        ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...99_999)
      var dice = FuzzedCall(seed: seed)
      var ledger = CallLedger()
      var before = try await house.state()
      for number in 1...Self.calls {
        let call = dice.next(before)
        let answer = try await house.send(call)
        let after = try await house.state()
        ledger.take(call, answer.status, before, after)
        if answer.status >= 300 || call.isOnlyAsked {
          #expect(before == after, "seed \(seed), call \(number): \(call) gave \(answer) and changed something")
        }
        #expect(answer.status < 500, "seed \(seed), call \(number): \(call) gave \(answer)")
        before = after
      }
      #expect(ledger.changes > 20 && ledger.refusals > 20, "seed \(seed): \(ledger)")
      try await ledger.check(against: scratch, "seed \(seed)")
      await house.server.stop()
    }
  }

  @Test func `no route changes anything for a body that makes no sense, or fails over it`() async throws {
    try await Scratch.with { scratch in
      let house = try await CalledHouse(scratch)
      let flag = "/api/v1/environments/production/flags/a"
      let definition = FuzzedCall.definitions[0]
      for path in [flag, "/api/v1/environments/production/flags/b"] {
        let asked = try await house.send(Call("POST", path, #"{"definition":\#(definition)}"#, token: "ada"))
        #expect(asked.status == 202, "\(asked)")
      }
      let before = try await house.state()
      #expect(before.hashes.count == 2)
      for (method, path) in HostileCalls.changing(flag) {
        for body in HostileCalls.bodies {
          for query in ["", "?dryRun=true", "?dryRun=maybe"] {
            let call = Call(method, path + query, body, token: "rita", match: "\"1\"")
            let answer = try await house.send(call)
            #expect((400..<500).contains(answer.status), "\(call): \(answer)")
          }
        }
        #expect(try await house.state() == before, "\(method) \(path)")
      }
      for path in HostileCalls.evaluating {
        for body in HostileCalls.bodies {
          let call = Call("POST", path, body, token: "shop")
          let answer = try await house.send(call)
          #expect(answer.status < 500, "\(call): \(answer)")
        }
      }
      #expect(try await house.state() == before)
      let log = try await scratch.headgate("audit", "list", "--limit", "100000", "--format", "json").jsonLines()
      #expect(RecordedFlags(journal: log).disagreements(with: try before.recorded()) == [])
      #expect(log.count { $0.kind.hasPrefix("flag") } == 2, "what cannot be read reaches no store: \(log)")
      await house.server.stop()
    }
  }

  @Test func `of many who change one revision at a time one gets through, and the others are on record`() async throws {
    try await Scratch.with { scratch in
      let house = try await CalledHouse(scratch)
      let path = "/api/v1/environments/staging/flags/a"
      let made = try await house.send(
        Call("POST", path, #"{"definition":\#(FuzzedCall.definitions[0])}"#, token: "ada"))
      #expect(made.status == 201, "\(made)")
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<12 {
          let body = #"{"contract":{"owner":"team-\#(number)"}}"#
          let call = Call("PATCH", path, body, token: number % 2 == 0 ? "ada" : "rita", match: "\"1\"")
          group.addTask { try await house.send(call).status }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.count { $0 == 200 } == 1 && statuses.count { $0 == 412 } == 11, "\(statuses)")
      #expect(try await house.state().flags["staging/a"]?.contains(#""revision":2"#) == true)
      let refused = try await scratch.headgate("audit", "list", "--kind", "flagRefused", "--format", "json")
      #expect(refused.lines.count == 11, "\(refused.all)")
      await house.server.stop()
    }
  }
}

/// One request.
private struct Call: CustomStringConvertible {
  var method: String
  var path: String
  var body: String
  /// Name of a token, or what is sent as one; `nil`: none is.
  var token: String?
  var match: String?

  init(_ method: String, _ path: String, _ body: String = "", token: String?, match: String? = nil) {
    self.method = method
    self.path = path
    self.body = body
    self.token = token
    self.match = match
  }

  /// Nothing is to become of it, whatever the answer.
  var isOnlyAsked: Bool { method == "GET" || path.hasSuffix("?dryRun=true") }

  var description: String {
    "\(method) \(path) \(body.prefix(200)) as \(token ?? "nobody")\(match.map { " if \($0)" } ?? "")"
  }
}

/// All that a call could change: by name each flag with its history, and every proposal there ever was.
private struct FlagState: Equatable {
  var flags: [String: String] = [:]
  var proposals = ""
  /// By number, of those that wait.
  var hashes: [Int64: String] = [:]
  var revisions: [String: Int64] = [:]

  func recorded() throws -> RecordedFlags {
    try RecordedFlags(histories: Array(flags.values), proposals: proposals)
  }
}

/// What no sensible client sends, for every route that takes a body.
private enum HostileCalls {
  static func changing(_ flag: String) -> [(method: String, path: String)] {
    [("POST", flag), ("PATCH", flag)]
      + ["on", "off", "kill", "archive", "revert"].map { ("POST", "\(flag)/\($0)") }
      + ["approve", "reject"].map { ("POST", "/api/v1/proposals/1/\($0)") }
  }

  static let evaluating = ["", "/environments/staging", "/environments/production", "/environments/nowhere"].flatMap {
    ["\($0)/ofrep/v1/evaluate/flags", "\($0)/ofrep/v1/evaluate/flags/a", "\($0)/ofrep/v1/evaluate/flags/-"]
  }

  static let bodies =
    [
      "{", "[]", "null", "7", "\"text\"", "\u{0}", "{}{}", #"{"a"}"#, #"{"reason":"a","reason":"b"}"#,
      #"{"reason":"\ud800"}"#,
      #"{"strange":1}"#, #"{"":null}"#, #"{"contract":{"strange":1}}"#, #"{"at":1e999}"#, "\u{FEFF}{}",
      String(repeating: "[", count: 5000), #"{"a":"# + String(repeating: #"{"a":"#, count: 5000),
      String(repeating: " ", count: 1 << 21),
    ]
    + ["reason", "at", "variant", "hash", "fractional"].map { #"{"\#($0)":{"a":[1]}}"# }
    + ["revision", "breakGlass", "onlyPropose", "contract"].map { #"{"\#($0)":"soon"}"# }
}

private struct CalledHouse: Sendable {
  static let keys = ["a", "b", "pay.v2"]
  static let environments = ["staging", "production"]
  private static let people = ["ada", "rita", "dev", "shop", "kim"]

  let server: Child
  private let address: String

  init(_ scratch: Scratch) async throws {
    let secrets = Self.people.map { "\($0): { env: \($0.uppercased())_TOKEN }" }.joined(separator: ", ")
    try scratch.configure(
      """
      store: headgate.db
      roles: { manager: [ada, rita], developer: [dev, ada, kim] }
      flags:
        staging: { change: [developer, manager], kill: [manager] }
        production:
          change: [developer, manager]
          approve: [manager]
          approvals: 1
          breakGlass: [manager]
          movers: { above: 50%, approvals: 2 }
      serve:
        tokens:
          ada: { secret: ada, may: [read, change], as: ada }
          rita: { secret: rita, may: [read, change], as: rita }
          dev: { secret: dev, may: [read, change], as: dev }
          kim: { secret: kim, may: [read, change], environments: [staging], as: kim }
          shop: { secret: shop, may: [evaluate, sync] }
      secrets: { \(secrets) }
      """)
    let tokens = Self.people.map { "\($0.uppercased())_TOKEN=\(Self.token(of: $0))" }
    server = try await scratch.rig.start(
      "serve", "/usr/bin/env",
      tokens + [HeadgateProgram.path, "serve", "--port", "0", "--config", "\(scratch.folder)/headgate.yaml"])
    let server = server
    try await Rig.wait(for: "the address") { server.output.contains("driving") || !server.isRunning }
    let found = server.output.firstMatch(of: #/serving on (http:\S+)/#).map { String($0.output.1) }
    address = try #require(found, "\(server.output)")
  }

  private static func token(of name: String) -> String { "\(name)-token-of-32-bytes-0123456789" }

  func send(_ call: Call) async throws -> (status: Int, body: String) {
    var headers: [(String, String)] = []
    if let token = call.token {
      headers.append(("Authorization", "Bearer \(Self.people.contains(token) ? Self.token(of: token) : token)"))
    }
    if let match = call.match { headers.append(("If-Match", match)) }
    return try #require(
      await Rig.send(call.method, address + call.path, json: call.body, headers: headers), "\(call): no answer")
  }

  private func get(_ path: String) async throws -> String? {
    let answer = try await send(Call("GET", path, token: "ada"))
    if answer.status == 404 { return nil }
    try #require(answer.status == 200, "\(path): \(answer)")
    return answer.body
  }

  private struct Proposal: Decodable {
    var proposal: Int64
    var state: String
    var hash: String
  }
  private struct Revision: Decodable { var revision: Int64 }

  func state() async throws -> FlagState {
    var state = FlagState()
    for environment in Self.environments {
      for key in Self.keys {
        guard let history = try await get("/api/v1/environments/\(environment)/flags/\(key)/history") else { continue }
        state.flags["\(environment)/\(key)"] = history
        let revisions = try JSONDecoder().decode([Revision].self, from: Data(history.utf8))
        state.revisions["\(environment)/\(key)"] = revisions.last?.revision
      }
    }
    state.proposals = try await get("/api/v1/proposals?all=true") ?? ""
    for proposal in try JSONDecoder().decode([Proposal].self, from: Data(state.proposals.utf8))
    where ["open", "scheduled", "brokeGlass"].contains(proposal.state) {
      state.hashes[proposal.proposal] = proposal.hash
    }
    return state
  }
}

/// What somebody may send, sensible or not; the same seed sends the same to the same flags.
private struct FuzzedCall: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  private mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }

  static let definitions = [
    #"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off"}"#,
    #"{"state":"DISABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}"#,
    #"{"state":"ENABLED","variants":{"x":1.0,"y":2},"targeting":{"fractional":[["x",1],["y",1]]}}"#,
    #"{"state":"ENABLED","variants":{"on":true,"off":"no"},"defaultVariant":"off"}"#,
    #"{"state":"ENABLED"}"#, "[]", #""nonsense""#,
  ]

  mutating func next(_ seen: FlagState) -> Call {
    let environment = below(12) == 0 ? "nowhere" : pick(CalledHouse.environments)
    let key = below(12) == 0 ? pick(["-bad", "a%20b"]) : pick(CalledHouse.keys)
    let flag = "/api/v1/environments/\(environment)/flags/\(key)"
    let token =
      below(8) == 0
      ? pick(["shop", nil, "not-a-token-of-anybody-at-all"]) : pick(["ada", "ada", "rita", "rita", "dev", "kim"])
    let asks = below(8) == 0 ? "?dryRun=true" : ""
    let revision = seen.revisions["\(environment)/\(key)"] ?? 0
    let match = below(6) == 0 ? pick(["\"\(revision + 1)\"", nil, "x"]) : "\"\(revision)\""
    switch below(10) {
    case 0, 1, 2: return Call("POST", flag + asks, body(), token: token)
    case 3, 4: return Call("PATCH", flag + asks, body(), token: token, match: match)
    case 5, 6, 7:
      let deed = pick(["on", "on", "on", "off", "kill", "archive", "revert", "paint"])
      return Call("POST", "\(flag)/\(deed)\(asks)", body(definition: false), token: token, match: match)
    default: return decision(seen, token, asks)
    }
  }

  private mutating func decision(_ seen: FlagState, _ token: String?, _ asks: String) -> Call {
    let known = seen.hashes.keys.sorted()
    let number = below(6) == 0 || known.isEmpty ? Int64(below(40)) : pick(known)
    let hash = pick([seen.hashes[number], seen.hashes[number], seen.hashes[number], "sha256:no", nil])
    let body = hash.map { #"{"hash":"\#($0)","reason":"looked"}"# } ?? "{}"
    return Call(
      "POST", "/api/v1/proposals/\(number)/\(pick(["approve", "approve", "reject", "paint"]))\(asks)", body,
      token: token)
  }

  private mutating func body(definition: Bool = true) -> String {
    if below(25) == 0 { return pick(["{", "[]", "null", #"{"strange":1}"#, String(repeating: "x", count: 1 << 21)]) }
    var members: [String] = []
    if definition, below(8) > 0 {
      members.append(#""definition":\#(below(5) == 0 ? pick(Self.definitions) : Self.definitions[below(3)])"#)
    }
    if below(2) == 0 { members.append(#""reason":"\#(pick(["OPS-1", " ", "ü\\n"]))""#) }
    if below(3) == 0 { members.append(#""contract":{"owner":\#(pick([#""team""#, #""shop""#, "null", "7"]))}"#) }
    if below(8) == 0 { members.append(#""onlyPropose":true"#) }
    if below(5) == 0 { members.append(#""breakGlass":true"#) }
    if below(8) == 0 {
      members.append(#""at":"\#(pick(["2100-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z", "soon"]))""#)
    }
    if below(4) == 0 { members.append(#""variant":"\#(pick(["on", "off", "blue"]))""#) }
    if below(2) == 0 { members.append(#""revision":\#(pick(["1", "2", "99", "1.5"]))"#) }
    return "{\(members.joined(separator: ","))}"
  }
}

/// What a session did, as its caller saw it.
private struct CallLedger: CustomStringConvertible {
  private(set) var changes = 0
  /// Of the store; what never came so far is in neither.
  private(set) var refusals = 0
  private var strangers = 0
  private var last = FlagState()

  var description: String { "\(changes) changes, \(refusals) refusals by the store, \(strangers) before" }

  mutating func take(_ call: Call, _ status: Int, _ before: FlagState, _ after: FlagState) {
    switch status {
    case 200..<300: if before != after { changes += 1 }
    case 409, 412: if !call.isOnlyAsked { refusals += 1 }
    default: strangers += 1
    }
    last = after
  }

  /// Everything that was seen is what the journal says, and the journal says nothing else.
  func check(against scratch: Scratch, _ name: String) async throws {
    let log = try await scratch.headgate("audit", "list", "--limit", "100000", "--format", "json").jsonLines()
    let seen = try last.recorded()
    #expect(RecordedFlags(journal: log).disagreements(with: seen) == [], "\(name)")
    for index in log.telling {
      #expect(!RecordedFlags(journal: log.without(index)).disagreements(with: seen).isEmpty, "\(name): \(log[index])")
      var forged = log
      forged[index]["fact"] = (log[index]["fact"] as? [String: Any])?.forged
      #expect(!RecordedFlags(journal: forged).disagreements(with: seen).isEmpty, "\(name): \(log[index])")
    }
    for entry in log where entry.kind.hasPrefix("flag") {
      let (actor, origin) = (entry["actor"] as? String ?? "", entry["origin"] as? String ?? "")
      #expect(["person:ada", "person:rita", "person:dev", "person:kim"].contains(actor), "\(name): \(entry)")
      #expect(origin.hasPrefix("api token \(actor.dropFirst(7)) from 127.0.0.1"), "\(name): \(entry)")
    }
    #expect(log.count { $0.isRefusal } == refusals, "\(name): \(self)")
    let verified = try await scratch.headgate("audit", "verify")
    #expect(verified.code == 0, "\(name): \(verified.all)")
  }
}

extension [String: Any] {
  fileprivate var kind: String { (self["fact"] as? [String: Any])?["kind"] as? String ?? "" }
  fileprivate var isRefusal: Bool { kind == "flagRefused" }

  /// A fact of a flag or a proposal that has another definition.
  fileprivate var forged: Self {
    mapValues { value in
      guard let part = value as? Self else { return value }
      return part["definition"] == nil ? part.forged : part.merging(["definition": "{}"]) { $1 }
    }
  }
}

extension [[String: Any]] {
  /// Entries without which flags or proposals would be something else: every revision, and of each proposal the last.
  fileprivate var telling: [Int] {
    var last: [Int64: Int] = [:]
    for (index, entry) in enumerated() where entry.kind == "flagProposal" {
      let proposal = (entry["fact"] as? [String: Any])?["proposal"] as? [String: Any]
      if let number = (proposal?["id"] as? NSNumber)?.int64Value { last[number] = index }
    }
    return indices.filter { self[$0].kind == "flagRevised" } + last.values.sorted()
  }

  fileprivate func without(_ index: Int) -> Self { Array(self[..<index] + self[(index + 1)...]) }
}
