/// Where the changes of an environment are streamed.
enum EventAddress {
  private static let head = "/environments/"
  private static let tail = "/ofrep/v1/events"

  /// Path and query, with what lets a client in that can send no header.
  static func target(of environment: String, ticket: String?) -> String {
    head + environment + tail + (ticket.map { "?ticket=\($0)" } ?? "")
  }

  /// The environment that a path names; `nil` for one that is no stream's.
  static func environment(of path: String) -> String? {
    guard path.hasPrefix(head), path.hasSuffix(tail), path.utf8.count > head.utf8.count + tail.utf8.count else {
      return nil
    }
    let name = path.dropFirst(head.count).dropLast(tail.count)
    return name.contains("/") ? nil : String(name)
  }
}
