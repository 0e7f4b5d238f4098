import FoundationEssentials

/// A process that cannot be mistaken for a later one with the same number: number, start time, boot.
struct ProcessMark: Equatable {
  var pid: Int32
  /// Clock ticks since boot.
  var start: String
  var boot: String

  /// As the supervisor writes it: `PID START BOOT`.
  init?(text: String) {
    let parts = text.split(whereSeparator: \.isWhitespace)
    guard parts.count == 3, let pid = Int32(parts[0]), pid > 1 else { return nil }
    self.pid = pid
    start = String(parts[1])
    boot = String(parts[2])
  }

  /// Whether that very process still runs. One that has ended and was not collected by its parent does not.
  var isAlive: Bool {
    guard let boot = Self.read("/proc/sys/kernel/random/boot_id"), boot.trimmed == self.boot,
      let stat = Self.read("/proc/\(pid)/stat"), let name = stat.lastIndex(of: ")")
    else { return false }
    let fields = stat[stat.index(after: name)...].split(separator: " ")
    return fields.count > 19 && fields[19] == start && fields[0] != "Z" && fields[0] != "X"
  }

  fileprivate static func read(_ path: String) -> String? {
    guard let file = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: file, as: UTF8.self)
  }
}

/// Processes that are signalled together.
struct ProcessGroup {
  var id: Int32

  /// Whether any of them still runs. Those that have ended and were not collected by their parents do not.
  var isRunning: Bool {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.contains { name in
      guard Int32(name) != nil, let stat = ProcessMark.read("/proc/\(name)/stat"), let end = stat.lastIndex(of: ")")
      else { return false }
      let fields = stat[stat.index(after: end)...].split(separator: " ")
      return fields.count > 2 && fields[2] == "\(id)" && fields[0] != "Z" && fields[0] != "X"
    }
  }
}
