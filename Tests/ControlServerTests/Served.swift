import Flags
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import PipelineModel
import Synchronization
import Testing

@testable import ControlServer

/// A server over flags that stand in the test, asked without a socket or by one.
struct Served {
  let shelf = FlagShelf()
  let archive = RememberedEvaluations()
  let recorder: EvaluationRecorder
  private let serving: Serving
  private let tokens: TokenBook
  private let office: (any FlagOffice)?

  static let now = Timestamp(milliseconds: 1_795_000_000_000)
  static let shopToken = "shop-token-0123456789"
  static let adaToken = "ada-token-0123456789abc"

  /// - Parameter tokens: whether there are: `shop` evaluates in production, `ada` may do everything everywhere.
  init(
    tokens hasTokens: Bool = false, environment: String? = nil, limits: Serving.Limits = .init(), rate: Int? = nil,
    office: (any FlagOffice)? = nil
  ) throws {
    var serving = Serving(address: .init(host: "127.0.0.1", port: 0), environment: environment, limits: limits)
    if hasTokens {
      serving.tokens = [
        .init(name: "shop", secret: "a", scopes: [.evaluate], environments: ["production"], rate: rate),
        .init(name: "ada", secret: "b", scopes: Set(Serving.Scope.allCases), person: "ada"),
      ]
    }
    self.serving = serving
    self.office = office
    tokens = try TokenBook(serving.tokens, values: hasTokens ? [Self.shopToken, Self.adaToken] : [])
    recorder = EvaluationRecorder(archive, keep: .hours(1), log: Self.log) { Self.now }
    try put(Self.definition)
  }

  static var log: Logger {
    var log = Logger(label: "test")
    log.logLevel = .critical
    return log
  }

  func put(_ definition: String, environment: String = "production") throws {
    let bytes = Array(definition.utf8)
    let set = try #require(FlagSet.read(bytes).set)
    var document: [UInt8] = []
    try JSONParser.value(in: bytes, limits: .definitions).write(to: &document)
    let revision = (shelf.page(of: environment)?.revision ?? 0) + 1
    shelf.put(FlagPage(environment: environment, revision: revision, flags: set, document: document))
  }

  func application() throws -> some ApplicationProtocol { try server.application() }

  var server: ControlServer {
    ControlServer(serving, tokens: tokens, shelf: shelf, office: office, recorder: recorder, log: Self.log) { Self.now }
  }

  @discardableResult
  func test<Value: Sendable>(
    _ setup: TestingSetup = .router, _ work: @Sendable (any TestClientProtocol) async throws -> Value
  ) async throws -> Value {
    try await application().test(setup, work)
  }

  /// One flag of each kind.
  static let definition = """
    {
      "metadata": {"set": "shop"},
      "flags": {
        "on": {"state": "ENABLED", "variants": {"yes": true, "no": false}, "defaultVariant": "yes"},
        "text": {"state": "ENABLED", "variants": {"a": "alpha ü \\u0001", "b": "beta"}, "defaultVariant": "a"},
        "float": {"state": "ENABLED", "variants": {"one": 1.0, "two": 2.50}, "defaultVariant": "one"},
        "whole": {"state": "ENABLED", "variants": {"big": 9007199254740991}, "defaultVariant": "big"},
        "object": {"state": "ENABLED", "variants": {"o": {"b": [1, 1.0, null], "a": {}}}, "defaultVariant": "o"},
        "off": {"state": "DISABLED", "variants": {"yes": true, "no": false}, "defaultVariant": "yes"},
        "theirs": {"state": "ENABLED", "variants": {"yes": true, "no": false}, "defaultVariant": null},
        "ruled": {
          "state": "ENABLED", "variants": {"yes": true, "no": false}, "defaultVariant": "no",
          "targeting": {"if": [{"==": [{"var": "plan"}, "pro"]}, "yes", null]},
          "metadata": {"owner": "checkout", "set": "mine"}
        },
        "split": {
          "state": "ENABLED", "variants": {"yes": true, "no": false}, "defaultVariant": "no",
          "targeting": {"fractional": [["yes", 50], ["no", 50]]}
        },
        "broken": {
          "state": "ENABLED", "variants": {"yes": true, "no": false}, "defaultVariant": "no",
          "targeting": {"if": [true, {"cat": ["wha", "t"]}]}
        }
      }
    }
    """
}

/// Keeps tallies in memory, or refuses them.
final class RememberedEvaluations: EvaluationArchive {
  private struct State {
    var tallies: [EvaluationTally] = []
    var forgotten: [Timestamp] = []
    var isFull = false
  }

  struct Full: Error {}

  private let state = Mutex(State())

  func add(_ tally: EvaluationTally, at now: Timestamp) throws {
    try state.withLock { state in
      if state.isFull { throw Full() }
      state.tallies.append(tally)
    }
  }

  func forget(before instant: Timestamp) throws { state.withLock { $0.forgotten.append(instant) } }

  func refuse(_ refuses: Bool) { state.withLock { $0.isFull = refuses } }

  var tallies: [EvaluationTally] { state.withLock { $0.tallies } }
}

extension TestClientProtocol {
  /// Status, headers and body of a POST of JSON.
  func post(
    _ path: String, _ body: String? = nil, headers: HTTPFields = [:]
  ) async throws -> (status: Int, headers: HTTPFields, body: String) {
    try await ask(.post, path, body, headers: headers)
  }

  func get(_ path: String, headers: HTTPFields = [:]) async throws -> (status: Int, headers: HTTPFields, body: String) {
    try await ask(.get, path, nil, headers: headers)
  }

  func ask(
    _ method: HTTPRequest.Method, _ path: String, _ body: String?, headers: HTTPFields
  ) async throws -> (status: Int, headers: HTTPFields, body: String) {
    var headers = headers
    if body != nil { headers[.contentType] = "application/json" }
    return try await execute(
      uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
    ) { response in
      (response.status.code, response.headers, String(buffer: response.body))
    }
  }
}
