import Flags
import Hummingbird
import NIOCore
import PipelineModel

/// Whether the server is there, and its figures for Prometheus.
struct HealthRoutes {
  let shelf: FlagShelf
  let streams: ChangeStreams
  let recorder: EvaluationRecorder?
  let figures: RequestFigures

  func add(to router: Router<ServerContext>) {
    router.get("healthz") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: "{\"status\":\"ok\"}")))
    }
    router.get("metrics") { _, context in
      try context.caller.mustBeAllowed(to: .read)
      return Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: exposition(for: context.caller))))
    }
  }

  /// In Prometheus' text format.
  private func exposition(for caller: Caller) -> String {
    var text = Exposition()
    text.add("headgate_requests_total", "counter", "Requests answered, by status.")
    for (status, count) in figures.answered.sorted(by: { $0.key < $1.key }) {
      text.sample("headgate_requests_total", [("status", "\(status)")], count)
    }
    text.add("headgate_event_streams", "gauge", "Clients that are told of changes.")
    text.sample("headgate_event_streams", [], Int64(streams.count))
    text.add("headgate_flags_revision", "gauge", "Revision of the flags that are served, by environment.")
    let pages = shelf.environments.filter(caller.knows).compactMap(shelf.page)
    for page in pages { text.sample("headgate_flags_revision", [("environment", page.environment)], page.revision) }
    text.add("headgate_flags", "gauge", "Flags that are served, by environment.")
    for page in pages {
      text.sample("headgate_flags", [("environment", page.environment)], Int64(page.sorted.count))
    }
    guard let sums = recorder?.sums else { return text.text }
    text.add("headgate_flag_evaluations_total", "counter", "Evaluations, by reason.")
    for (reason, count) in sums.evaluations.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      text.sample("headgate_flag_evaluations_total", [("reason", reason.rawValue)], count)
    }
    text.add("headgate_flag_evaluations_lost_total", "counter", "Evaluations that are in no count.")
    text.sample("headgate_flag_evaluations_lost_total", [], sums.lostEvaluations)
    text.add("headgate_flag_exposures_lost_total", "counter", "Exposures that are in no list.")
    text.sample("headgate_flag_exposures_lost_total", [], sums.lostExposures)
    return text.text
  }
}

private struct Exposition {
  var text = ""

  mutating func add(_ name: String, _ kind: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
  }

  mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Int64) {
    let inner = labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
    text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(inner)} \(value)\n"
  }

  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
