import BackendHTTP
import Foundation
import LiveRig
import PipelineModel
import PluginKit
import Synchronization
import Testing

@testable import AWSSigning

/// Keys of a machine's or a container's role, from a metadata service on loopback that speaks as AWS's does.
@Suite struct RoleTests {
  /// What a metadata service was asked, and how often it has told keys.
  private final class Service: Sendable {
    private let state = Mutex<(asked: [String], keys: Int, isDown: Bool)>(([], 0, false))
    private let lifetime: Int64

    init(lifetime: Int64 = 3600) { self.lifetime = lifetime }

    var asked: [String] { state.withLock(\.asked) }
    func stop() { state.withLock { $0.isDown = true } }

    func answer(_ request: String) -> String {
      let first = request.prefix { $0 != "\r" }
      let line = first.split(separator: " ").prefix(2).joined(separator: " ")
      return state.withLock { state in
        state.asked.append(line)
        if state.isDown { return RawServer.http(503, "down") }
        let hasSession = request.lowercased().contains("x-aws-ec2-metadata-token: session")
        switch line {
        case "PUT /latest/api/token":
          return request.lowercased().contains("token-ttl-seconds")
            ? RawServer.http(200, "session") : RawServer.http(400, "")
        case "GET /latest/meta-data/iam/security-credentials/":
          return hasSession ? RawServer.http(200, "shop-role\n") : RawServer.http(401, "")
        case "GET /latest/meta-data/iam/security-credentials/shop-role" where hasSession,
          "GET /creds" where request.contains("Authorization: container-token"):
          state.keys += 1
          let end = Timestamp(milliseconds: RoleTests.start.milliseconds + lifetime * 1000 * Int64(state.keys))
          return RawServer.http(
            200,
            """
            {"Code": "Success", "AccessKeyId": "id-\(state.keys)", "SecretAccessKey": "key-\(state.keys)", \
            "Token": "token-\(state.keys)", "Expiration": "\(end.rfc3339.prefix(19))Z"}
            """)
        default: return RawServer.http(403, "")
        }
      }
    }
  }

  private static let start = Timestamp(milliseconds: 1_700_000_000_000)

  /// A clock that a test moves on.
  private final class Hand: Sendable {
    private let time = Mutex(RoleTests.start)
    var now: Timestamp { time.withLock { $0 } }
    func move(_ by: Interval) { time.withLock { $0 = $0 + by } }
  }

  private func source(
    _ kind: String, _ url: String, _ hand: Hand, environment: [String: String] = [:]
  ) throws(Failure) -> AWSSource {
    let settings = Settings(["credentials": .text(kind), "credentialsUrl": .text(url)])
    let context = BackendContext(
      secret: { name throws(Failure) in throw Failure(.misconfigured, "no secret \(name)") }, stateDirectory: "/",
      baseDirectory: "/", now: { hand.now })
    return try AWSSource(
      Backend(name: "cloud", kind: "cloudwatch", settings: settings), context, environment: environment)
  }

  private let none: HTTPCredentials.SecretReader = { name throws(Failure) in
    throw Failure(.misconfigured, "no secret \(name)")
  }

  @Test func `a machine's role is asked for in a session, kept, and asked for anew before its keys lapse`() async throws
  {
    let (service, hand) = (Service(), Hand())
    try await RawServer.with(.made { service.answer($0) }) { server in
      let source = try source("instance", server.url, hand)
      let first = try await source.identity(none)
      #expect([first.accessKey, first.secretKey, first.sessionToken] == ["id-1", "key-1", "token-1"])
      #expect(try await source.identity(none) == first)
      #expect(service.asked.count == 3)
      hand.move(.minutes(56))
      #expect(try await source.identity(none).accessKey == "id-2")
    }
  }

  @Test func `keys that are still good do while the service is down, and no longer`() async throws {
    let (service, hand) = (Service(), Hand())
    try await RawServer.with(.made { service.answer($0) }) { server in
      let source = try source("instance", server.url, hand)
      _ = try await source.identity(none)
      service.stop()
      hand.move(.minutes(57))
      #expect(try await source.identity(none).accessKey == "id-1")
      hand.move(.minutes(4))
      let failure = await #expect(throws: Failure.self) { try await source.identity(none) }
      #expect(failure?.kind == .transient)
      #expect(failure?.message.contains("the machine's role") == true)
    }
  }

  @Test func `a container's role is asked for with the agent's token`() async throws {
    let (service, hand) = (Service(), Hand())
    try await RawServer.with(.made { service.answer($0) }) { server in
      let source = try source(
        "container", "\(server.url)/creds", hand, environment: ["AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-token"])
      #expect(try await source.identity(none).accessKey == "id-1")
      let stranger = try self.source("container", "\(server.url)/creds", hand)
      let failure = await #expect(throws: Failure.self) { try await stranger.identity(none) }
      #expect(failure?.kind == .misconfigured)
    }
  }

  @Test func `requests are signed with the role's keys, and its token goes along`() async throws {
    let (service, hand) = (Service(), Hand())
    try await RawServer.with(.made { service.answer($0) }) { server in
      let source = try source("instance", server.url, hand)
      let credentials = HTTPCredentials.aws(
        source, region: "eu-central-1", service: "monitoring", now: { hand.now }, none)
      let grant = try await credentials.grant(HTTPCall(.post, "/"), "https://monitoring.example")
      let headers = Dictionary(grant.headers.map { ($0.name, $0.value) }) { first, _ in first }
      #expect(headers["X-Amz-Security-Token"] == "token-1")
      #expect(
        headers["Authorization"]?.contains("Credential=id-1/20231114/eu-central-1/monitoring/aws4_request") == true)
      #expect(grant.secrets.contains("key-1") && grant.secrets.contains("token-1"))
    }
  }

  @Test func `without an address a container's role says what it needs`() throws {
    let failure = #expect(throws: Failure.self) {
      let context = BackendContext(
        secret: none, stateDirectory: "/", baseDirectory: "/", now: { Self.start })
      _ = try AWSSource(
        Backend(name: "cloud", kind: "cloudwatch", settings: Settings(["credentials": .text("container")])), context,
        environment: [:])
    }
    #expect(failure?.kind == .misconfigured)
    #expect(failure?.message.contains("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") == true)
  }
}
