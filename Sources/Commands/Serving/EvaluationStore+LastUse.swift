import Controller
import Engine
import PipelineModel
import SQLiteStore

extension EvaluationStore {
  /// When applications were last given flags, as counted beside a store; nothing where nothing was counted, or nobody can
  /// tell. Whoever reads a file of definitions is taken to have done so just now.
  static func lastUses(besides path: String, _ rules: HouseRules) -> @Sendable (FlagName) -> FlagUse {
    { name in
      let store = try? EvaluationStore.read(EvaluationStore.path(besides: path))
      var use = (try? store?.lastUse(of: name.key, in: name.environment)) ?? FlagUse()
      if rules.filed.contains(name.environment) { use.withOthers = .wall }
      return use
    }
  }
}
