import ControlServer
import Flags
import Foundation
import Hummingbird
import Logging
import NIOCore
import PipelineModel

/// Requests a second on one core: one flag by OFREP, beside a bare route of the same library that answers the same bytes
/// and looks at nothing. Server and load are each held to a core of their own; rounds take turns.
func measureServing() throws -> [Figure] {
  guard ProcessInfo.processInfo.processorCount > 1, Load.isThere else {
    print("# serving not measured: two cores, wrk and taskset are needed")
    return []
  }
  let folder = try ScratchFolder()
  let script = folder.file("post.lua")
  try Data(
    """
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer \(BenchServer.token)"
    wrk.body = '{"context":{"targetingKey":"5c3d8535-f81a-4478-a6d3-100000004711","country":"de","tier":"gold"}}'

    """.utf8
  ).write(to: URL(fileURLWithPath: script))
  var (single, bare): ([Double], [Double]) = ([], [])
  for _ in 0..<3 {
    bare.append(try Load.requestsPerSecond(of: .bare, path: "/ofrep/v1/evaluate/flags/checkout-flag-4711", script))
    single.append(try Load.requestsPerSecond(of: .flags, path: "/ofrep/v1/evaluate/flags/checkout-flag-4711", script))
  }
  return [
    Figure(
      name: "serving/OFREP single, 10 000 flags", value: single.median, unit: "requests/s a core",
      peer: ("a bare route with the same bytes", bare.median), goal: "-")
  ]
}

private enum Load {
  static let isThere = ["wrk", "taskset"].allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }

  static func requestsPerSecond(of kind: BenchServer.Kind, path: String, _ script: String) throws -> Double {
    let server = Process()
    server.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
    server.arguments = ["-c", "0", CommandLine.arguments[0], BenchServer.word, kind.rawValue]
    let output = Pipe()
    server.standardOutput = output
    try server.run()
    defer {
      server.terminate()
      server.waitUntilExit()
    }
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw Unexpected("the server said \"\(line)\" instead of its port")
    }
    return try wrk("http://127.0.0.1:\(port)\(path)", script)
  }

  private static func wrk(_ address: String, _ script: String) throws -> Double {
    let wrk = Process()
    wrk.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
    wrk.arguments = ["-c", "1", "wrk", "-t", "1", "-c", "64", "-d", "4s", "-s", script, address]
    let output = Pipe()
    wrk.standardOutput = output
    try wrk.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    wrk.waitUntilExit()
    guard let rate = text.firstMatch(of: #/Requests/sec:\s+([0-9.]+)/#).flatMap({ Double($0.output.1) }),
      !text.contains("Non-2xx")
    else { throw Unexpected("wrk said:\n\(text)") }
    return rate
  }
}

/// A server in a process of its own, which prints its port.
struct BenchServer {
  enum Kind: String {
    /// Ours, with tokens, counting and all limits.
    case flags
    /// One route of Hummingbird that answers what ours does.
    case bare
  }

  static let word = "bench-server"
  static let token = "a-token-of-the-benchmark"
  private let kind: Kind

  /// `nil`: this process is to measure.
  init?(_ arguments: ArraySlice<String>) {
    guard arguments.first == Self.word, let kind = arguments.dropFirst().first.flatMap(Kind.init) else { return nil }
    self.kind = kind
  }

  func serve() throws -> Never {
    let failed = DispatchSemaphore(value: 0)
    Task.detached {
      do {
        switch kind {
        case .flags: try await Self.flags()
        case .bare: try await Self.bare()
        }
      } catch {
        print("\(error)")
      }
      failed.signal()
    }
    failed.wait()
    exit(0)
  }

  private static func say(_ port: Int?) { FileHandle.standardOutput.write(Data("\(port ?? 0)\n".utf8)) }

  private static var log: Logger {
    var log = Logger(label: "bench")
    log.logLevel = .error
    return log
  }

  private static func flags() async throws {
    var serving = Serving(address: .init(host: "127.0.0.1", port: 0))
    serving.tokens = [.init(name: "bench", secret: "bench", scopes: [.evaluate])]
    let shelf = FlagShelf()
    let text = flagDefinitions(10_000)
    guard let set = FlagSet.read(text).set else { throw Unexpected("the flags were not read") }
    shelf.put(FlagPage(environment: "production", revision: 1, flags: set, document: text))
    let recorder = EvaluationRecorder(Forgetful(), keep: .hours(1), log: log, now: wall)
    let server = ControlServer(
      serving, tokens: try TokenBook(serving.tokens, values: [token]), shelf: shelf, recorder: recorder, log: log,
      now: wall)
    try await server.run { say($0.port) }
  }

  private static func bare() async throws {
    let body = ByteBuffer(
      string: #"{"key":"checkout-flag-4711","reason":"TARGETING_MATCH","value":false,"variant":"off"}"#)
    let router = Router()
    router.post("ofrep/v1/evaluate/flags/:key") { _, _ in
      Response(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { say($0.localAddress?.port) }, logger: log)
    try await application.runService()
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
