/// The canary's value beside the control's, for metrics that are not counts.
package struct Relative: Hashable, Sendable {
  package var canary, control: Double

  package init(canary: Double, control: Double) {
    self.canary = canary
    self.control = control
  }

  /// canary ÷ control; NaN where the control's value is 0 or either is none.
  package var ratio: Double { control == 0 ? .nan : canary / control }
  /// canary − control.
  package var difference: Double { canary - control }
}
