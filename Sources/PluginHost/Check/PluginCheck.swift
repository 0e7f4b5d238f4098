import Conformance
import Foundation
package import PipelineModel
import PluginKit

/// Tries every promise of the plugin protocol on a plugin, ours or a stranger's, with what its plugin.yaml gives to try it.
package struct PluginCheck: Sendable {
  /// How one promise of one kind stood the trial.
  package struct Finding: Sendable {
    package var kind: String
    package var promise: String
    /// Empty: it is kept.
    package var complaints: [String]
  }

  /// What the protocol gives a program; a test gives more, since its machine may have much to do.
  struct Patience: Sendable {
    /// To end when it is asked to.
    var farewell = Interval.seconds(2)
    /// To answer a call that was given up.
    var grace = Interval.seconds(5)
  }

  private let plugin: InstalledPlugin
  /// A folder of its own, gone afterwards.
  private let scratch: String
  private let patience: Patience

  /// - Parameter patience: how long it may take to end, and to answer a call that was given up; `nil` for what the protocol
  ///   gives.
  package init(_ plugin: InstalledPlugin, patience: Interval? = nil) {
    self.init(plugin, patience: patience.map { Patience(farewell: $0, grace: $0) } ?? Patience())
  }

  init(_ plugin: InstalledPlugin, patience: Patience) {
    self.plugin = plugin
    self.patience = patience
    scratch = "\(FileManager.default.temporaryDirectory.path)/headgate-check-\(UUID().uuidString)"
    ignoreBrokenPipes()
  }

  /// Reports promise by promise, in order.
  package func run(_ report: @Sendable (Finding) -> Void) async {
    // Relative paths lead into a copy: what a trial writes must not change the folder.
    try? FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    for kind in plugin.manifest.kinds {
      let folder = "\(scratch)/\(kind.kind.name)"
      try? FileManager.default.copyItem(atPath: plugin.directory, toPath: folder)
      let trial = KindTrial(plugin, kind, base: folder, state: "\(scratch)/state-\(kind.kind.name)", patience)
      for promise in trial.promises {
        let complaints = await promise.complaints()
        report(Finding(kind: kind.kind.name, promise: promise.name, complaints: complaints))
        // Nothing else can be tried on what does not start.
        if promise.name == KindTrial.starting, !complaints.isEmpty { break }
      }
      await trial.end()
    }
    try? FileManager.default.removeItem(atPath: scratch)
  }
}
