import Foundation

/// Which build of the program this is.
enum Edition {
  /// Another for every build, as far as the file of the program tells: its length, and when it was last written.
  /// `nil` where the system does not say which file that is, or the file is not there any more.
  static let current: String? = {
    guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
      let attributes = try? FileManager.default.attributesOfItem(atPath: program),
      let size = attributes[.size] as? NSNumber, let written = attributes[.modificationDate] as? Date
    else { return nil }
    return "\(size)-\(written.timeIntervalSince1970)"
  }()
}
