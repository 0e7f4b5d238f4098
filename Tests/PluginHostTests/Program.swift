import Subprocess
import SystemPackage
import Testing

/// Runs a program to its end, which must be a good one.
@discardableResult
func run(_ words: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
  let result = try await Subprocess.run(
    words[0].contains("/") ? .path(FilePath(words[0])) : .name(words[0]),
    arguments: Arguments(Array(words.dropFirst())), output: .string(limit: 1 << 20),
    error: .string(limit: 1 << 20))
  #expect(
    result.terminationStatus.isSuccess, "\(words.joined(separator: " ")): \(result.standardError)",
    sourceLocation: sourceLocation)
  return result.standardOutput
}
