/// When a bad release begins to be bad.
package enum LabOnset: String, Hashable, Sendable, CaseIterable {
  case start
  /// With the third step.
  case at50 = "50%"
  /// With the sixth look of the third step.
  case during50 = "the 6th look at 50%"

  /// The number of the first bad look, from 0 up.
  package var look: Int {
    switch self {
    case .start: 0
    case .at50: 2 * AccuracyLab.looksPerStep
    case .during50: 2 * AccuracyLab.looksPerStep + 5
    }
  }
}
