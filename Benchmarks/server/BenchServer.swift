import ControlServer
import Flags
import Foundation
import Hummingbird
import Logging
import NIOCore
import PipelineModel

/// A server for the load of `Bench serving`, in a process of its own, which prints its port.
///
///     BenchServer flags|bare FILE TOKEN
///
/// `flags` is ours, with tokens, counting and all limits; `bare` is one route of Hummingbird that answers what ours does.
@main
struct BenchServer {
  private let flags: [UInt8]
  private let token: String

  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else { throw Usage() }
    let server = BenchServer(flags: [UInt8](try Data(contentsOf: URL(filePath: arguments[2]))), token: arguments[3])
    switch arguments[1] {
    case "flags": try await server.serveFlags()
    case "bare": try await server.serveBare()
    default: throw Usage()
    }
  }

  private struct Usage: Error {}

  private func say(_ port: Int?) { FileHandle.standardOutput.write(Data("\(port ?? 0)\n".utf8)) }

  private var log: Logger {
    var log = Logger(label: "bench")
    log.logLevel = .error
    return log
  }

  private func set() throws -> FlagSet {
    guard let set = FlagSet.read(flags).set else { throw Usage() }
    return set
  }

  private func serveFlags() async throws {
    var serving = Serving(address: .init(host: "127.0.0.1", port: 0))
    serving.tokens = [.init(name: "bench", secret: "bench", scopes: [.evaluate])]
    let shelf = FlagShelf()
    shelf.put(FlagPage(environment: "production", revision: 1, flags: try set(), document: flags))
    let recorder = EvaluationRecorder(Forgetful(), keep: .hours(1), log: log, now: Self.wall)
    let server = ControlServer(
      serving, tokens: try TokenBook(serving.tokens, values: [token]), shelf: shelf, recorder: recorder, log: log,
      now: Self.wall)
    try await server.run { say($0.port) }
  }

  private func serveBare() async throws {
    let body = ByteBuffer(string: try answer())
    let router = Router()
    router.post("ofrep/v1/evaluate/flags/:key") { _, _ in
      Response(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { say($0.localAddress?.port) }, logger: log)
    try await application.runService()
  }

  /// What ours answers to the request that is measured.
  private func answer() throws -> String {
    let key = "checkout-flag-4711"
    let user = JSONObject([
      ("targetingKey", .text("5c3d8535-f81a-4478-a6d3-100000004711")), ("country", .text("de")),
      ("tier", .text("gold")),
    ])
    let resolution = try set().resolve(key, user, at: Self.wall())
    guard let value = resolution.value, let variant = resolution.variant else { throw Usage() }
    return
      #"{"key":"\#(key)","reason":"\#(resolution.reason.rawValue)","value":\#(value.written),"variant":"\#(variant)"}"#
  }

  private static let wall: @Sendable () -> Timestamp = {
    Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
  }

  /// What is counted costs what it costs; the disk has figures of its own.
  private struct Forgetful: EvaluationArchive {
    func add(_ tally: EvaluationTally, at now: Timestamp) {}
    func forget(before instant: Timestamp) {}
  }
}
