import Foundation
import PipelineModel

/// Where the entries lie that were moved out of a store, and who may move some.
struct PastPlace {
  var policy = AuditPolicy.Archiving()
  /// Where `audit archive` puts them.
  var target = ""

  init() {}

  /// - Parameters:
  ///   - store: a store that is not the installation's has its archive beside it.
  ///   - base: what paths of the policy are relative to; `nil`: the store is not the installation's.
  init(besides store: String, _ policy: AuditPolicy.Archiving?, base: String? = nil) {
    self.policy = policy ?? self.policy
    let named = base.flatMap { base in
      policy?.folder.map { URL(fileURLWithPath: $0, relativeTo: URL(fileURLWithPath: base, isDirectory: true)).path }
    }
    target = named ?? store + ".archive"
  }

  /// Where entries are looked for; `nil`: there is no such folder.
  var folder: String? {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: target, isDirectory: &isFolder) && isFolder.boolValue ? target : nil
  }
}
