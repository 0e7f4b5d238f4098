import Engine
import PipelineModel

/// Something to ask a backend.
enum Errand: Sendable {
  case effect(WorkOrder)
  /// Whether a route still has the share a run gave it.
  case look(RouteLook)
  /// To end and forget a check's command, by its key.
  case forget(String)
}

struct RouteLook: Sendable {
  var run: RunID
  /// Index into the plan's routes.
  var index: Int
  var route: RouteName
  var candidate: Slot
  var wanted: Weight
}
