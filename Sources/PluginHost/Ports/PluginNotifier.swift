import PipelineModel
import PluginKit

/// A notifier that is a program of its own.
struct PluginNotifier: Notifier {
  let connection: PluginConnection

  func send(_ notice: Notice) async throws(Failure) {
    do throws(Failure) {
      let _: Wire.Nothing = try await connection.call(.notify, Wire.Notify(notice), within: notice.timeout)
    } catch {
      throw error.told("\(connection.backend.name) could not tell of \"\(notice.title)\": \(error.message)")
    }
  }
}
