import PipelineModel

/// What the exit status of a short command means, the same for all of them.
///
/// | status | meaning |
/// |---|---|
/// | 0 | done |
/// | 75 (`EX_TEMPFAIL`) | `transient`: ask again |
/// | 78 (`EX_CONFIG`), 126, 127 | `misconfigured`: the operator must act; no such program, not executable |
/// | 129 and more | `transient`: it was killed |
/// | any other | `rejected`: the request is wrong and will stay wrong |
enum CommandExit {
  static func kind(of status: Int) -> Failure.Kind {
    switch status {
    case 75: .transient
    case 78, 126, 127: .misconfigured
    case 129...: .transient
    default: .rejected
    }
  }

  /// - Throws: unless the command ended with 0 in time.
  static func check(_ command: ShortCommand, _ result: ShortCommand.Result?, _ attempt: String) throws(Failure)
    -> ShortCommand.Result
  {
    guard let result else {
      throw Failure(.transient, "\(attempt): `\(brief(command.text))` did not end within \(command.timeout)")
    }
    guard result.status == 0 else {
      let said = result.tail.isEmpty ? "" : ": \(result.tail)"
      throw Failure(kind(of: result.status), "\(attempt): `\(brief(command.text))` ended with \(result.status)\(said)")
    }
    return result
  }
}
