import Foundation

/// Where the figures were measured.
enum Machine {
  static var description: String {
    var system = utsname()
    uname(&system)
    let kernel = withUnsafeBytes(of: &system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return
      "machine: \(processor), \(ProcessInfo.processInfo.activeProcessorCount) cores, kernel \(kernel), load \(load)"
  }

  private static var processor: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
    guard let line = lines.first(where: { $0.hasPrefix("model name") }), let colon = line.firstIndex(of: ":") else {
      return "unknown processor"
    }
    return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
  }

  /// Of the last minute: figures from a busy machine are worth less.
  private static var load: String {
    (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ").first.map(String.init) ?? "?"
  }
}

extension Machine {
  /// Memory of this process that is resident.
  static var residentBytes: Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
