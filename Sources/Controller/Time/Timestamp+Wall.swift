import Foundation
package import PipelineModel

extension Timestamp {
  /// What this machine's wall clock says now.
  package static var wall: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
