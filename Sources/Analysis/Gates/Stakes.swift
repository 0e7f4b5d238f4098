package import PipelineModel

/// What a metric may decide, and what its lack of evidence does.
package struct Stakes: Hashable, Sendable {
  package var decides: Bool
  package var onNoData: MissingPolicy
  package var onError: MissingPolicy
  /// See `Tally.isCarried`.
  package var isCarried: Bool
}

extension Metric {
  package var stakes: Stakes {
    Stakes(decides: decides, onNoData: onNoData, onError: onError, isCarried: isCarried)
  }
}
