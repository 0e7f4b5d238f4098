import Conformance
import Foundation
import PipelineModel
import PluginKit
import Subprocess
import SystemPackage

extension KindTrial {
  /// Notices arrive, many at once too, and are taken by the process after.
  func notifying(_ trial: PluginTrial) -> Port {
    let notifier = PluginNotifier(connection: connection)
    let receiver = Receiver(command: trial.received, folder: base, state: "\(state)/plugins/\(Self.backendName)")
    let received: (@Sendable (String) async throws -> Int)? =
      trial.received.isEmpty ? nil : { @Sendable key in try await receiver.count(of: key) }
    let keys = (0..<100).map { _ in Self.newKey }
    let crowd: [@Sendable () async -> String?] = keys.map { key in
      {
        let send = { @Sendable () async throws(Failure) in try await notifier.send(notice(key)) }
        if let complaint = await Self.complaint("a notice", send) { return complaint }
        return (try? await received?(key)) == 0 ? "a notice has not been received" : nil
      }
    }
    let later = PluginNotifier(connection: successor)
    return Port(
      first: NotifierHarness(notifier: notifier, notice: notice(), received: received, secrets: hidden).promises
        + [givingUp(.notify) { Wire.Notify(notice()) }, atOnce(crowd)],
      afterwards: NotifierHarness(notifier: later, notice: notice(), received: received).promises)
  }

  private func notice(_ key: String = newKey) -> Notice {
    Notice(
      key: key, thread: Self.newKey, event: .test, pipeline: "check", service: "check", environment: "check",
      version: "1", time: now, title: "headgate plugin check tries this notifier",
      fields: [.init(name: "a field", value: "a value")])
  }
}

/// What has been received by whomever a notifier tells, as plugin.yaml says that it can be found out.
private struct Receiver: Sendable {
  var command: [String]
  var folder: String
  var state: String

  private static let most = 16 << 20

  /// How often a key occurs.
  ///
  /// - Throws: `misconfigured` when the command does not end, or not well, or prints too much.
  func count(of key: String) async throws -> Int {
    let printed = try await within(.seconds(60)) { try await output() }
    guard let printed else { throw Failure(.misconfigured, "`\(command.joined(separator: " "))` does not end") }
    return printed.components(separatedBy: key).count - 1
  }

  private func output() async throws -> String {
    let program = command[0]
    let result = try await Subprocess.run(
      program.contains("/") ? .path(FilePath(program)) : .name(program),
      arguments: Arguments(Array(command.dropFirst())),
      environment: .inherit.updating(["STATE_DIRECTORY": state]), workingDirectory: FilePath(folder),
      output: .string(limit: Self.most), error: .string(limit: 64 << 10))
    guard result.terminationStatus.isSuccess else {
      throw Failure(
        .misconfigured, "`\(command.joined(separator: " "))`: \(result.standardError.excerpt(300))")
    }
    return result.standardOutput
  }
}
