import Foundation

/// Time that passed and CPU time of this process that was used.
struct Spent {
  var seconds: Double
  var cpu: Double

  static func on(_ body: () throws -> Void) rethrows -> Spent {
    let (clock, cpu) = (ContinuousClock.now, cpuTime())
    try body()
    let passed = (ContinuousClock.now - clock).components
    return Spent(seconds: Double(passed.seconds) + Double(passed.attoseconds) * 1e-18, cpu: cpuTime() - cpu)
  }

  /// All threads, user and system.
  private static func cpuTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

extension [Double] {
  /// The middle one, so that one disturbance does not count.
  var median: Double { sorted()[count / 2] }
}

/// A folder that is removed when the figure is done.
final class ScratchFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}
