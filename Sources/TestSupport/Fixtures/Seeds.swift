import Foundation

/// Where tests get their chance from: always printed, so that what failed can be tried again.
package enum Seeds {
  /// `HEADGATE_SEED` when it is set, otherwise another one each time.
  package static let fresh: UInt64 = {
    let seed = ProcessInfo.processInfo.environment["HEADGATE_SEED"].flatMap(UInt64.init) ?? .random(in: 1...999_999_999)
    print("seed \(seed); HEADGATE_SEED=\(seed) repeats it")
    return seed
  }()

  /// How many seeds to try: `HEADGATE_SEEDS`, or a number that takes a few seconds.
  package static func count(_ usual: Int) -> Int {
    ProcessInfo.processInfo.environment["HEADGATE_SEEDS"].flatMap(Int.init) ?? usual
  }
}
