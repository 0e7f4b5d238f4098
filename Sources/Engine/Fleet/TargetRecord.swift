package import PipelineModel

/// What a target runs, as the fleet left it.
package struct TargetRecord: Hashable, Sendable {
  package var target: Target
  /// Versions that were promoted here one after another, the newest last; at most the last 20. The last is the one
  /// that is live; the one before it is still in its slot, so that the last can be rolled back at once.
  package var stable: [Promoted]
  /// Versions that were rolled back here, the newest last; at most the last 20. Not started again unless somebody
  /// insists, and never a place to roll back to: that is what keeps two bad versions from taking turns.
  package var reverted: [String]
  /// The live slot of each route the target's pipelines moved.
  package var live: [LiveSlot]
  /// Objectives whose error budget was seen spent by runs of this target, and has not been seen rebuilt since; sorted.
  package var spent: [String]

  package struct Promoted: Hashable, Sendable {
    package var version: String
    package var run: RunID
    package init(version: String, run: RunID) {
      self.version = version
      self.run = run
    }
  }

  package struct LiveSlot: Hashable, Sendable {
    package var route: RouteName
    package var slot: Slot
    package init(route: RouteName, slot: Slot) {
      self.route = route
      self.slot = slot
    }
  }

  package init(
    target: Target, stable: [Promoted] = [], reverted: [String] = [], live: [LiveSlot] = [],
    spent: [String] = []
  ) {
    self.target = target
    self.stable = stable
    self.reverted = reverted
    self.live = live
    self.spent = spent
  }
}
