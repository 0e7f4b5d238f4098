package import PipelineModel

/// The pauses between tries: 1, 2, 4 … s, at most 30 s, each with 0–500 ms more, so that not all ask again at once.
package enum Pauses {
  /// - Parameters:
  ///   - attempt: the try that failed; 1 is the first.
  ///   - jitter: 0 ..< 1.
  package static func after(_ attempt: Int, jitter: Double) -> Interval {
    let doubled: Int64 = attempt > 5 ? 30_000 : min(30_000, 1000 << Int64(max(0, attempt - 1)))
    return .milliseconds(doubled + Int64(501 * jitter))
  }
}
