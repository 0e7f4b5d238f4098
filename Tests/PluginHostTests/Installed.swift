import Foundation
import Testing

extension Trait where Self == ConditionTrait {
  /// The test needs these programs: where one is missing it is skipped, with `CI` set it fails.
  static func installed(_ programs: String...) -> Self {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let missing = programs.filter { program in
      !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }
    let isCI = ProcessInfo.processInfo.environment["CI"] != nil
    let names = missing.joined(separator: ", ")
    return .enabled(if: missing.isEmpty || isCI, "\(names) not installed; run script/bootstrap live")
  }
}
