/// What one look saw in both arms since the look before: bad and all requests of canary and control.
package struct CountLook: Hashable, Sendable {
  package var canary, control: ArmCounts

  package init(canary: ArmCounts, control: ArmCounts) {
    self.canary = canary
    self.control = control
  }
}

/// Bad and all requests of one arm. Not always whole numbers: rates over a window are extrapolated.
package struct ArmCounts: Hashable, Sendable {
  package var bad, all: Double

  package init(bad: Double = 0, all: Double = 0) {
    self.bad = bad
    self.all = all
  }

  /// Neither NaN, nor infinite, nor less than nothing.
  var isSound: Bool { bad >= 0 && all >= 0 && bad.isFinite && all.isFinite }

  static func += (total: inout ArmCounts, more: ArmCounts) {
    total.bad += more.bad
    total.all += more.all
  }
}
