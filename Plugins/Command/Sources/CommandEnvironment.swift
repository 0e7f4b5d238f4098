import FoundationEssentials

/// What every command finds in its environment before its own variables: enough to find programs, nothing secret.
enum CommandEnvironment {
  static func base() -> [String: String] {
    let own = ProcessInfo.processInfo.environment
    return [
      "PATH": own["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "HOME": own["HOME"] ?? "/",
      "LANG": own["LANG"] ?? "C.UTF-8",
    ]
  }

  static func with(_ variables: [String: String]) -> [String: String] {
    base().merging(variables) { _, given in given }
  }
}
