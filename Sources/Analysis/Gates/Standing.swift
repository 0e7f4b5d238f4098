package import PipelineModel

extension Tally {
  /// What the metric says by itself, were the gate to end now.
  ///
  /// A limit once passed for failures or inconclusive measurements stays passed. Errors and missing data weigh only
  /// while they last, since the next answer may end them. Too little evidence is laid to whichever of the two there
  /// was more of.
  package func standing(atLeast: Int, allow: Allowance) -> Verdict {
    if hasFailed(allow) { return .fail }
    if latest == .error, inARow > Int32(clamping: allow.errorsInARow) { return .error }
    if latest == .noData, inARow > Int32(clamping: allow.noDataInARow) { return .noData }
    if isInconclusive(allow) { return .inconclusive }
    if evidence < atLeast { return errors > 0 && errors >= noData ? .error : .noData }
    return isCarried || passes > 0 ? .pass : .inconclusive
  }

  func hasFailed(_ allow: Allowance) -> Bool {
    if isCarried { return lastSaid == .fail }
    if failures > Int32(clamping: allow.failures) { return true }
    guard let limit = allow.failuresInARow else { return false }
    return mostFailuresInARow > Int32(clamping: limit)
  }

  func isInconclusive(_ allow: Allowance) -> Bool {
    if isCarried { return lastSaid == .inconclusive }
    if inconclusive > Int32(clamping: allow.inconclusive) { return true }
    guard let limit = allow.inconclusiveInARow else { return false }
    return mostInconclusiveInARow > Int32(clamping: limit)
  }
}
