import ArgumentParser

extension ExitCode {
  /// The run failed or was rolled back; something does not verify; an expectation does not hold.
  static let negative = ExitCode(1)
  /// The controller, store or provider was out of reach; or this terminal left before the end.
  static let unknown = ExitCode(2)
  /// The command line makes no sense.
  static let wrongUsage = ExitCode(64)
  /// The file given is wrong.
  static let badFile = ExitCode(65)
}

/// Something that ends the command, with a sentence for people and a code for programs.
struct Stop: Error, CustomStringConvertible {
  var code: ExitCode
  var description: String

  static func unknown(_ description: String) -> Stop { Stop(code: .unknown, description: description) }
  static func negative(_ description: String) -> Stop { Stop(code: .negative, description: description) }
}
