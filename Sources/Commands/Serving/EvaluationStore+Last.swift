import PipelineModel
import SQLiteStore

extension EvaluationStore {
  /// When applications last asked for flags, as counted beside a store; `nil` where nothing was counted, or nobody can
  /// tell.
  static func lastEvaluations(besides path: String) -> @Sendable (FlagName) -> Timestamp? {
    { name in
      guard let store = try? EvaluationStore.read(EvaluationStore.path(besides: path)) else { return nil }
      return (try? store.lastEvaluation(of: name.key, in: name.environment)) ?? nil
    }
  }
}
