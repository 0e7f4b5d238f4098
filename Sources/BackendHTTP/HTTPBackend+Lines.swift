import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
package import PipelineModel
import PluginKit
import Synchronization

extension HTTPBackend {
  /// Sends one request and hands on each line of the answer as it comes: an event stream, a watch.
  ///
  /// An answer may go on for ever; the end of the caller's task ends it. A last line without a line break is handed on
  /// too, and empty lines are not.
  /// - Parameters:
  ///   - limit: longest until the answer begins; `timeout` where that is shorter.
  ///   - quiet: longest silence after that, noticed before twice as long. The time `each` takes does not count.
  ///   - longestLine: in bytes.
  ///   - refused: judges an answer that has another status than 2xx; it comes whole.
  ///   - each: takes a line; `false` when no more are wanted.
  /// - Returns: `true` when the server ended the answer, `false` when `each` wanted no more.
  /// - Throws: as `send`, and what `refused` returns and `each` throws.
  package func lines(
    _ call: HTTPCall, within limit: Interval? = nil, quiet: Interval, longestLine: Int = 1 << 20, _ attempt: String,
    refused: @escaping @Sendable (HTTPReply) -> Failure,
    each: @escaping @Sendable (String) async throws(Failure) -> Bool
  ) async throws(Failure) -> Bool {
    let limit = min(limit ?? timeout, timeout)
    var secrets = HiddenSecrets()
    do throws(Failure) {
      let ready = try await prepared(call, limit)
      secrets = ready.secrets
      let stream = LineStream(
        ready: ready, beginning: limit, quiet: quiet, longestLine: longestLine, largestAnswer: largestAnswer,
        refused: refused, each: each)
      do {
        return try await stream.run()
      } catch {
        throw transportFailure(error)
      }
    } catch {
      throw error.told(secrets.hidden(in: "\(attempt): \(error.message)"))
    }
  }
}

/// One answer that is read line by line, and a watch beside it that ends it when it falls silent.
private struct LineStream: Sendable {
  var ready: PreparedCall
  var beginning: Interval
  var quiet: Interval
  var longestLine: Int
  var largestAnswer: Int
  var refused: @Sendable (HTTPReply) -> Failure
  var each: @Sendable (String) async throws(Failure) -> Bool

  func run() async throws -> Bool {
    let patience = Patience(beginning, "no answer within \(beginning)")
    return try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask { try await read(patience) }
      group.addTask { throw try await patience.end(lookingEvery: quiet) }
      defer { group.cancelAll() }
      return try await group.next() ?? true
    }
  }

  private func read(_ patience: Patience) async throws -> Bool {
    let response = try await ready.head()
    guard (200..<300).contains(Int(response.status.code)) else {
      throw refused(try await ready.reply(response, atMost: largestAnswer))
    }
    var pending = ByteBuffer()
    patience.wait(quiet, "nothing more came for \(quiet)")
    for try await var part in response.body {
      patience.pause()
      let seen = pending.readableBytes
      pending.writeBuffer(&part)
      if try await !handOn(&pending, seen: seen) { return false }
      if pending.readableBytes > longestLine { throw TooLarge(what: "a line of the answer", limit: longestLine) }
      patience.wait(quiet, "nothing more came for \(quiet)")
    }
    patience.pause()
    return pending.readableBytes == 0 ? true : try await handOn(pending)
  }

  /// Hands on every line that is complete; the first `seen` bytes are known to have no end of a line.
  private func handOn(_ pending: inout ByteBuffer, seen: Int) async throws -> Bool {
    var seen = seen
    while let end = pending.readableBytesView.dropFirst(seen).firstIndex(of: UInt8(ascii: "\n")) {
      guard let line = pending.readSlice(length: end - pending.readerIndex) else { break }
      pending.moveReaderIndex(forwardBy: 1)
      seen = 0
      if try await !handOn(line) { return false }
    }
    pending.discardReadBytes()
    return true
  }

  private func handOn(_ bytes: ByteBuffer) async throws -> Bool {
    if bytes.readableBytes > longestLine { throw TooLarge(what: "a line of the answer", limit: longestLine) }
    let line = String(decoding: bytes.readableBytesView, as: UTF8.self)
    let text = line.last == "\r" ? line.dropLast() : line[...]
    return text.isEmpty ? true : try await each(String(text))
  }
}

/// How long a silence may still last.
private final class Patience: Sendable {
  private struct Wait {
    var end: ContinuousClock.Instant
    var message: String
  }

  /// `nil`: nobody waits for the server.
  private let wait: Mutex<Wait?>

  init(_ limit: Interval, _ message: String) {
    wait = Mutex(Wait(end: .now + .milliseconds(limit.milliseconds), message: message))
  }

  func wait(_ limit: Interval, _ message: String) {
    wait.withLock { $0 = Wait(end: .now + .milliseconds(limit.milliseconds), message: message) }
  }

  func pause() { wait.withLock { $0 = nil } }

  /// Returns when a silence has lasted too long.
  func end(lookingEvery interval: Interval) async throws -> Failure {
    while true {
      let current = wait.withLock { $0 }
      if let current, current.end <= .now { return Failure(.transient, current.message) }
      // Meanwhile it may be replaced by a shorter one.
      let look = ContinuousClock.now + .milliseconds(max(1, interval.milliseconds))
      try await Task.sleep(until: min(current?.end ?? look, look))
    }
  }
}
