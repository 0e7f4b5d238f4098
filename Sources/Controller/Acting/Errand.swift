import Engine
import PipelineModel

/// Something to ask a backend.
enum Errand: Sendable {
  case effect(WorkOrder)
  /// Whether a route still has the share a run gave it.
  case look(RouteLook)
  /// To end a runner's step, by its key.
  case forgetStep(String, runner: String)
  /// To end and forget a check's command, by its key.
  case forget(String)
}

struct RouteLook: Sendable {
  var run: RunID
  /// Index into the plan's routes.
  var index: Int
  var route: RouteName
  var candidate: Slot
  var wanted: Wanted

  enum Wanted: Sendable {
    case weight(Weight)
    case mirror(Weight)
    case headerRoute(HeaderMatch?)
  }
}
