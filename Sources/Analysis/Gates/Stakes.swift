package import PipelineModel

/// What a metric may decide, and what its lack of evidence does.
package struct Stakes: Hashable, Sendable {
  package var decides: Bool
  package var onNoData: MissingPolicy
  package var onError: MissingPolicy
}

extension Metric {
  package var stakes: Stakes { Stakes(decides: decides, onNoData: onNoData, onError: onError) }
}
