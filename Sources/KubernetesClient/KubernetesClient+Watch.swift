import BackendHTTP
import Foundation
package import PipelineModel
import PluginKit
import Synchronization

extension KubernetesClient {
  /// What is known of a watched object.
  package enum Sight: Hashable, Sendable {
    case present(KubernetesObject)
    case absent
  }

  /// Follows one object for as long as `each` wants: first what it is now, then every change.
  ///
  /// A watch that the server ends goes on where it was. When the server has forgotten that place (410, `Expired`), or the
  /// connection breaks, the object is read anew, so that no change is missed but those that were undone in between.
  /// - Parameters:
  ///   - quiet: longest silence, bookmarks counted, before a connection is taken for dead.
  ///   - each: takes what is known; `false` when that is enough.
  /// - Throws: what reading throws; a watch that broke is followed by a reading, and that one's failure is told.
  package func watch(
    _ name: KubernetesName, quiet: Interval = .seconds(90), each: @escaping @Sendable (Sight) async -> Bool
  ) async throws(Failure) {
    var place = try await look(at: name, each)
    while let from = place {
      let end = try await follow(name, from: from, quiet: quiet, each)
      switch end {
      case .enough: return
      case .ended(let last): place = last
      case .lost: place = try await look(at: name, each)
      }
      // A server that ends every watch at once must not be asked without a breath.
      do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
    }
  }

  /// Reads the object. - Returns: the place to watch from; `nil` when `each` has enough.
  private func look(at name: KubernetesName, _ each: @Sendable (Sight) async -> Bool) async throws(Failure) -> String? {
    switch try await get(name) {
    case .object(let object): return await each(.present(object)) ? object.resourceVersion : nil
    // Without a place the server begins with what is there.
    case .missing: return await each(.absent) ? "" : nil
    case .conflict(let said): throw Failure(.rejected, "could not read \(name): \(said)")
    case .owned: throw Failure(.rejected, "could not read \(name): the server speaks of owned fields")
    }
  }

  private enum End: Sendable {
    case enough
    /// The server ended it, as it does every few minutes, at this place.
    case ended(String)
    /// The place is forgotten, or the connection is gone.
    case lost
  }

  private func follow(
    _ name: KubernetesName, from place: String, quiet: Interval, _ each: @escaping @Sendable (Sight) async -> Bool
  ) async throws(Failure) -> End {
    let place = Mutex(place)
    let isLost = Mutex(false)
    let query: [HTTPCall.Field] = [
      .init("watch", "true"), .init("allowWatchBookmarks", "true"),
      .init("fieldSelector", "metadata.name=\(name.name)"),
      .init("resourceVersion", place.withLock { $0 }),
    ]
    do throws(Failure) {
      let wasEnded = try await backend.lines(
        HTTPCall(.get, name.resource.path(name.namespace), query: query), quiet: quiet, longestLine: 1 << 22,
        "the watch of \(name) at \(backend.url) ended", refused: { Self.refusal($0) }
      ) { line throws(Failure) in
        guard let event = WatchEvent(line) else {
          isLost.withLock { $0 = true }
          return false
        }
        if let version = event.resourceVersion { place.withLock { $0 = version } }
        guard let sight = event.sight else { return true }
        return await each(sight)
      }
      if isLost.withLock({ $0 }) { return .lost }
      return wasEnded ? .ended(place.withLock { $0 }) : .enough
    } catch {
      // What does not go away by itself is told; all else is found out by reading.
      if error.kind != .transient { throw error }
      if Task.isCancelled { throw error }
      return .lost
    }
  }

  /// 410 is lost by its nature, whatever else is said.
  private static func refusal(_ reply: HTTPReply) -> Failure {
    if reply.status == 410 { return Failure(.transient, "HTTP 410: the place is forgotten") }
    do throws(Failure) {
      _ = try KubernetesAnswer(reply)
      return reply.refusal()
    } catch {
      return error
    }
  }
}

/// One line of a watch.
private struct WatchEvent {
  var sight: KubernetesClient.Sight?
  var resourceVersion: String?

  /// `nil` when the watch is of no more use: an `ERROR`, such as 410, or a line that is none.
  init?(_ line: String) {
    guard let json = JSON(parsing: Data(line.utf8)), let type = json["type"]?.text, let object = json["object"] else {
      return nil
    }
    let found = KubernetesObject(object)
    switch type {
    case "ADDED", "MODIFIED": sight = .present(found)
    case "DELETED": sight = .absent
    case "BOOKMARK": sight = nil
    default: return nil
    }
    resourceVersion = found.resourceVersion.isEmpty ? nil : found.resourceVersion
  }
}
