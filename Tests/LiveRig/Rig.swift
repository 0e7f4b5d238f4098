import AsyncHTTPClient
import Foundation
import Glibc
import NIOCore
import NIOHTTP1
import Synchronization

/// A scratch folder, free ports and real programs for one test; all of it is gone when the test ends.
package final class Rig: Sendable {
  package let folder: String
  private let children = Mutex<[Child]>([])
  private let endings = Mutex<[@Sendable () async -> Void]>([])

  /// Sets up, does `work`, and takes down in any case. When `work` fails, what the programs printed is printed too.
  package static func with<Value>(_ work: (Rig) async throws -> Value) async throws -> Value {
    let rig = try Rig()
    do {
      let value = try await work(rig)
      await rig.takeDown()
      return value
    } catch {
      rig.printLogs()
      await rig.takeDown()
      throw error
    }
  }

  private init() throws {
    folder = "\(FileManager.default.temporaryDirectory.path)/headgate-rig-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  package func start(_ name: String, _ path: String, _ arguments: [String]) async throws -> Child {
    let child = try await Child(name, path, arguments, log: "\(folder)/\(name).log")
    children.withLock { $0.append(child) }
    return child
  }

  /// The headgates that were started beside the test, those that have ended too.
  package var headgates: [Child] { children.withLock { $0.filter { $0.path == HeadgateProgram.path } } }

  /// Does this before the folder goes.
  package func atEnd(_ work: @escaping @Sendable () async -> Void) { endings.withLock { $0.append(work) } }

  package func write(_ text: String, to file: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(file)"))
    return "\(folder)/\(file)"
  }

  /// A file of `Fixtures` with every `@NAME@` filled.
  package static func fixture(_ file: String, _ values: [String: String]) throws -> String {
    var text = try String(contentsOf: URL(filePath: fixturePath(file)), encoding: .utf8)
    for (name, value) in values { text = text.replacingOccurrences(of: "@\(name)@", with: value) }
    return text
  }

  package static func fixturePath(_ file: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(file)").path
  }

  private func takeDown() async {
    for child in children.withLock({ $0 }).reversed() { await child.stop() }
    for ending in endings.withLock({ $0 }) { await ending() }
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func printLogs() {
    for child in children.withLock({ $0 }) { print("--- \(child.name)\n\(child.output.suffix(4000))") }
  }
}

extension Rig {
  private static let givenPorts = Mutex<Set<Int>>([])

  /// A port nobody listens on: below those the system gives to outgoing connections, and never given twice.
  package static func freePort() throws -> Int {
    for _ in 1...200 {
      let port = Int.random(in: 15_000..<32_000)
      if canListen(port), givenPorts.withLock({ $0.insert(port).inserted }) { return port }
    }
    throw RigError("found no free port")
  }

  /// Whether somebody takes connections to a port of this machine's loopback.
  package static func isListening(_ port: Int) -> Bool { open(port, by: connect) }

  private static func canListen(_ port: Int) -> Bool { open(port, by: bind) }

  private static func open(
    _ port: Int, by work: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Bool {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { list in
        list.baseAddress.map { work(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 } ?? false
      }
    }
  }

  /// Polls until `condition` holds.
  ///
  /// - Parameter children: programs that bring it about. When the last of them has ended it holds, or never will.
  package static func wait(
    for what: String, by children: [Child] = [], seconds: Int = 60, _ condition: () async throws -> Bool
  ) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      let haveEnded = !children.isEmpty && !children.contains(where: \.isRunning)
      if try await condition() { return }
      if haveEnded {
        let last = children.map { "\($0.name) has ended:\n\($0.output.suffix(2000))" }
        throw RigError("waited for \(what), but \(last.joined(separator: "\n"))")
      }
      try await Task.sleep(for: .milliseconds(30))
    }
    throw RigError("waited \(seconds) s for \(what)")
  }

  /// Status and body; `nil` when nobody answers within thirty seconds.
  package static func get(_ url: String, headers: [(String, String)] = []) async -> (status: Int, body: String)? {
    var request = HTTPClientRequest(url: url)
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    return await answer(to: request)
  }

  /// The same for a POST.
  package static func post(
    _ url: String, body: String? = nil, headers: [(String, String)] = []
  ) async -> (status: Int, body: String)? {
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body { request.body = .bytes(ByteBuffer(string: body)) }
    return await answer(to: request)
  }

  /// The same for any method, with JSON as its body.
  package static func send(
    _ method: String, _ url: String, json: String, headers: [(String, String)] = []
  ) async -> (status: Int, body: String)? {
    var request = HTTPClientRequest(url: url)
    request.method = HTTPMethod(rawValue: method)
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    request.headers.add(name: "Content-Type", value: "application/json")
    request.body = .bytes(ByteBuffer(string: json))
    return await answer(to: request)
  }

  /// Sends text to a port on loopback, and closes.
  package static func send(_ text: String, to port: Int) throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { list in
        list.baseAddress.map { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 } ?? false
      }
    }
    let bytes = Array(text.utf8)
    guard isConnected, Glibc.write(socket, bytes, bytes.count) == bytes.count else {
      throw RigError("port \(port) took nothing: \(String(cString: strerror(errno)))")
    }
  }

  private static func answer(to request: HTTPClientRequest) async -> (status: Int, body: String)? {
    guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(30)),
      let body = try? await response.body.collect(upTo: 1 << 22)
    else { return nil }
    return (Int(response.status.code), String(decoding: body.readableBytesView, as: UTF8.self))
  }
}
