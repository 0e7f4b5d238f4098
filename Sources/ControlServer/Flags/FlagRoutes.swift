import ControlAPI
import Engine
import Flags
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import PipelineModel

/// Flags as people and their tools keep them. Every change is a request in the store, decided and recorded as one from the
/// command line is, in the name and with the roles of the token's owner. With `?dryRun=true` the same request is answered
/// with what would become of it, and is none.
struct FlagRoutes {
  let office: any FlagOffice
  let limits: Serving.Limits
  let now: @Sendable () -> Timestamp

  /// Of a change's body: a definition of the greatest size fits.
  private var greatestBody: Int { max(limits.body, JSONLimits.change.bytes) }

  private static let flags = "api/v1/environments/:environment/flags"

  func add(to router: Router<ServerContext>) {
    router.get("\(Self.flags)") { try await list($1) }
    router.get("\(Self.flags)/:key") { try await show($1) }
    router.get("\(Self.flags)/:key/history") { try await history($1) }
    router.post("\(Self.flags)/:key") { try await create($0, $1) }
    router.patch("\(Self.flags)/:key") { try await change($0, $1) }
    router.post("\(Self.flags)/:key/:deed") { try await act($0, $1) }
    router.get("api/v1/proposals") { try await proposals($0, $1) }
    router.post("api/v1/proposals/:number/:deed") { try await decide($0, $1) }
  }

  // MARK: Looking

  private func list(_ context: ServerContext) async throws -> Response {
    let environment = try context.part("environment")
    try context.caller.mustBeAllowed(to: .read, in: environment)
    return try Self.response(.ok, await office.flags(in: environment))
  }

  private func show(_ context: ServerContext) async throws -> Response {
    let flag = try await existing(try name(context, to: .read))
    return try Self.response(.ok, flag, headers: [.eTag: Self.tag(flag)])
  }

  private func history(_ context: ServerContext) async throws -> Response {
    let name = try name(context, to: .read)
    _ = try await existing(name)
    return try Self.response(
      .ok, await office.history(of: name, for: context.caller.principal, origin: origin(context)))
  }

  private func proposals(_ request: Request, _ context: ServerContext) async throws -> Response {
    try context.caller.mustBeAllowed(to: .read)
    let all = request.uri.queryParameters["all"] == "true"
    return try Self.response(.ok, await office.proposals(all: all).filter { context.caller.knows($0.environment) })
  }

  private func existing(_ name: FlagName) async throws -> FlagSummary {
    if let flag = try await office.flag(name) { return flag }
    throw Problem(.notFound, "there is no flag \(name)", mend: "POST to this address makes it")
  }

  // MARK: Changing

  private func create(_ request: Request, _ context: ServerContext) async throws -> Response {
    let name = try name(context, to: .change)
    let change = try await self.change(in: request)
    guard let definition = change.definition else {
      throw Problem(
        .invalid, "a flag has a `definition`", mend: "send {\"definition\": {\"state\": …, \"variants\": …}}")
    }
    let draft = FlagDraft(
      definition: definition, contract: change.contract(after: FlagContract()), generation: change.generation)
    return try await ask(.create(draft), change, name, request, context, status: .created)
  }

  private func change(_ request: Request, _ context: ServerContext) async throws -> Response {
    let name = try name(context, to: .change)
    try Self.mustNameRevision(request)
    let change = try await self.change(in: request)
    let flag = try await existing(name)
    let draft = FlagDraft(
      definition: change.definition ?? flag.definition ?? "", contract: change.contract(after: flag.contract),
      generation: change.generation)
    return try await ask(.set(draft), change, name, request, context)
  }

  private func act(_ request: Request, _ context: ServerContext) async throws -> Response {
    let name = try name(context, to: .change)
    let word = try context.part("deed")
    let change = try await self.change(in: request)
    // A kill waits for nobody, and asks nobody what he has seen.
    if word != "kill" { try Self.mustNameRevision(request) }
    return try await ask(try Self.deed(word, change), change, name, request, context)
  }

  private static func deed(_ word: String, _ change: ChangeRequest) throws(Problem) -> FlagDeed {
    switch word {
    case "on": return .turnOn(variant: change.variant)
    case "off": return .turnOff
    case "kill": return .kill
    case "archive": return .archive
    case "revert":
      guard let revision = change.revision else {
        throw Problem(.invalid, "to which revision is not said", mend: "send {\"revision\": 6}")
      }
      return .revert(to: revision)
    default:
      throw Problem(.notFound, "\"\(word)\" is nothing that is done to flags", mend: "on, off, kill, revert, archive")
    }
  }

  private func ask(
    _ deed: FlagDeed, _ change: ChangeRequest, _ name: FlagName, _ request: Request, _ context: ServerContext,
    status: HTTPResponse.Status = .ok
  ) async throws -> Response {
    let expected = try Self.revision(in: request)
    let wish = FlagWish(
      name, deed, ifRevision: expected, at: change.at, onlyProposes: change.onlyProposes,
      breaksGlass: change.breaksGlass)
    do {
      return try await ask(.wish(wish), change, request, context, status)
    } catch let problem as Problem where problem.code == .conflict {
      guard let expected, let flag = try await office.flag(name), flag.revision != expected else { throw problem }
      throw Problem(.stale, problem.detail, mend: "look at revision \(flag.revision), and ask again")
    }
  }

  private func decide(_ request: Request, _ context: ServerContext) async throws -> Response {
    try context.caller.mustBeAllowed(to: .change)
    let change = try await self.change(in: request)
    guard let number = Int64(try context.part("number")),
      let proposal = try await office.proposal(number)
    else { throw Problem(.notFound, "there is no such proposal") }
    try context.caller.mustBeAllowed(to: .change, in: proposal.environment)
    switch try context.part("deed") {
    case "approve":
      guard let hash = change.hash else {
        throw Problem(
          .revisionRequired, "an approval names what was seen",
          mend: "send {\"hash\": \"…\"} with the hash of the proposal")
      }
      return try await ask(.approve(number, hash: hash), change, request, context, .ok)
    case "reject": return try await ask(.reject(number), change, request, context, .ok)
    case let word: throw Problem(.notFound, "\"\(word)\" is nothing that is done to proposals", mend: "approve, reject")
    }
  }

  private func ask(
    _ act: FlagAct, _ change: ChangeRequest, _ request: Request, _ context: ServerContext,
    _ status: HTTPResponse.Status
  ) async throws -> Response {
    let caller = context.caller
    if try Self.isDryRun(request) {
      return try Self.response(
        .ok, await office.preview(act, by: caller.principal, reason: change.reason))
    }
    let answer = try await office.ask(
      act, by: caller.principal, origin: origin(context), reason: change.reason)
    let tag = answer.revisions.last.map { [.eTag: Self.tag($0)] as HTTPFields } ?? [:]
    // What waits for approvals has been accepted, and not been done.
    return try Self.response(
      answer.revisions.isEmpty && !answer.proposals.isEmpty ? .accepted : status, answer, headers: tag)
  }
}

extension FlagRoutes {
  private func origin(_ context: ServerContext) -> String {
    "api token \(context.caller.name) from \(context.remote)"
  }

  private func name(_ context: ServerContext, to scope: Serving.Scope) throws(Problem) -> FlagName {
    let environment = try context.part("environment")
    try context.caller.mustBeAllowed(to: scope, in: environment)
    return FlagName(environment: environment, key: try context.part("key"))
  }

  private func change(in request: Request) async throws -> ChangeRequest {
    do {
      let body = try await request.body.collect(upTo: greatestBody)
      return try ChangeRequest(Array(body.readableBytesView), now: now())
    } catch is NIOTooManyBytesError {
      throw Problem(.tooLarge, "the request has more than the \(greatestBody) bytes that are read", mend: "send less")
    }
  }

  private static func mustNameRevision(_ request: Request) throws(Problem) {
    if try revision(in: request) != nil { return }
    throw Problem(
      .revisionRequired, "a change says which revision it was made on, so that nobody's change is lost",
      mend: "send `If-Match` with the ETag of the flag")
  }

  /// `If-Match: "7"`
  private static func revision(in request: Request) throws(Problem) -> Int64? {
    guard let field = request.headers[.ifMatch] else { return nil }
    guard let revision = Int64(field.filter { $0 != "\"" }) else {
      throw Problem(.badRequest, "`If-Match` is no revision", mend: "send `If-Match: \"7\"` for revision 7")
    }
    return revision
  }

  private static func isDryRun(_ request: Request) throws(Problem) -> Bool {
    switch request.uri.queryParameters["dryRun"] {
    case nil, "false": return false
    case "true": return true
    case let word?:
      throw Problem(.badRequest, "`dryRun` is true or false, and not \"\(word)\"", mend: "send `?dryRun=true`")
    }
  }

  private static func tag(_ flag: FlagSummary) -> String { "\"\(flag.revision)\"" }

  private static func response(
    _ status: HTTPResponse.Status, _ value: some Encodable, headers more: HTTPFields = [:]
  ) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var headers = more
    headers[.contentType] = "application/json"
    headers[.cacheControl] = "no-store"
    return Response(
      status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(value))))
  }
}

extension FlagSummary {
  var contract: FlagContract {
    FlagContract(
      owner: owner, purpose: purpose,
      expires: expires.flatMap { Array($0.utf8).withUnsafeBufferPointer { Timestamp(rfc3339: $0) } },
      endState: endState, services: services)
  }
}
