import Foundation
import PipelineModel
import PluginHost
import PluginKit
import Synchronization

/// Questions answered in a second by a provider that is a process of its own (Python, the least it can be), beside one in
/// this process; one question at a time, and sixteen.
func measurePlugins() throws -> [Figure] {
  let folder = try ScratchFolder()
  let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "peers/echo_plugin.py")
  try FileManager.default.copyItem(atPath: program.path, toPath: folder.file("echo_plugin.py"))
  let host = PluginHost()
  let separate = try echo(by: host, in: folder.path)
  defer { wait { await host.close() } }
  // Its start is not what is measured.
  _ = try perSecond(separate, questions: 1000, atOnce: 1)
  return try [1, 16].map { width in
    let inProcess = try perSecond(Instant(), questions: 20_000, atOnce: width)
    return Figure(
      name: "plugins/calls a second, \(width) at a time",
      value: try perSecond(separate, questions: 20_000, atOnce: width), unit: "/s", peer: ("in process", inProcess),
      goal: "> 1000")
  }
}

private func echo(by host: PluginHost, in folder: String) throws -> any MetricProvider {
  let kind = BackendKind(name: "echo", port: .metrics, about: "Echo.", settings: SettingsSchema([]))
  let manifest = PluginManifest(
    name: "echo", version: "1", about: "Echo.", command: ["python3", "-B", "echo_plugin.py"],
    kinds: [PluginKind(kind: kind)])
  let factories = host.providers(of: [InstalledPlugin(name: "echo", directory: folder, manifest: manifest)])
  guard let factory = factories.first else { throw NoFactory() }
  let context = BackendContext(
    secret: { name throws(Failure) in throw Failure(.misconfigured, "there is no secret \(name)") },
    stateDirectory: folder, baseDirectory: folder, now: { Timestamp(milliseconds: 0) })
  return try factory.make(Backend(name: "echo", kind: "echo", settings: Settings()), context)
}

private struct NoFactory: Error {}

private func perSecond(_ provider: any MetricProvider, questions: Int, atOnce width: Int) throws -> Double {
  let query = MetricQuery(metric: "errors", text: "errors", at: Timestamp(milliseconds: 1_795_266_300_000))
  let failed = Failed()
  let spent = Spent.on {
    wait {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<width {
          group.addTask {
            for _ in 0..<questions / width where (try? await provider.sample(query)) == nil { await failed.note() }
          }
        }
      }
    }
  }
  if let failure = wait({ await failed.count }), failure > 0 { throw CallsFailed(count: failure) }
  return Double(questions) / spent.seconds
}

private struct CallsFailed: Error { var count: Int }

private actor Failed {
  var count = 0
  func note() { count += 1 }
}

/// Runs something asynchronous to its end, on the threads of the concurrency runtime.
@discardableResult
private func wait<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Value? {
  let (ended, box) = (DispatchSemaphore(value: 0), Box<Value>())
  Task.detached {
    await box.put(work())
    ended.signal()
  }
  ended.wait()
  return box.value
}

private final class Box<Value: Sendable>: Sendable {
  private let held = Mutex<Value?>(nil)
  func put(_ value: Value) { held.withLock { $0 = value } }
  var value: Value? { held.withLock { $0 } }
}
