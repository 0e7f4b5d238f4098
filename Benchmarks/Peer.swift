import Foundation

/// Programs that others wrote, measured in the same run. Each prints one number.
enum Peer {
  /// `nil`, and a word why, where it cannot be run. `BENCH_PYTHON` names the interpreter that has its packages.
  static func measure(_ script: String) -> Double? {
    guard let python = ProcessInfo.processInfo.environment["BENCH_PYTHON"] else {
      print("# \(script) not measured: BENCH_PYTHON names no interpreter")
      return nil
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [URL(fileURLWithPath: "Benchmarks/peers/\(script)").path]
    let output = Pipe()
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      print("# \(script) not measured: \(error)")
      return nil
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
