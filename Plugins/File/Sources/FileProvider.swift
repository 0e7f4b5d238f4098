import PipelineModel
import PluginKit

/// Answers from a file of recorded values: one that grows, or one that is replayed.
struct FileProvider: MetricProvider {
  var name: String
  var path: String
  var file: RecordingFile
  /// When the first record is to happen; `nil`: when it did.
  var start: Timestamp?
  /// The recording begins anew after so long; only with a `start`.
  var period: Interval?

  /// The value over the records of the last `query.interval`; for a range one value for each step of it, `null` where
  /// a step has no record.
  func sample(_ query: MetricQuery) async throws(Failure) -> Answer {
    do throws(Failure) {
      let question = try FileQuestion(query.text)
      let recording = try file.recording()
      try check(question, recording)
      guard let range = query.range else {
        let value = value(of: question, in: recording, at: query.at, over: query.interval)
        return value == .null ? .list([]) : value
      }
      return .list(
        try points(of: range, query.at).map { at in
          value(of: question, in: recording, at: at, over: range.step)
        })
    } catch {
      throw error.told("\(name) could not answer \(query.metric) from \(path): \(error.message)")
    }
  }

  private func check(_ question: FileQuestion, _ recording: Recording) throws(Failure) {
    guard !recording.records.isEmpty, let missing = question.columns.first(where: { !recording.columns.contains($0) })
    else { return }
    let known = recording.columns.sorted().prefix(20).joined(separator: ", ")
    throw Failure(.rejected, "there is no column \"\(missing.excerpt(40))\"; there are \(known.excerpt(200))")
  }

  private func points(of range: Metric.Range, _ end: Timestamp) throws(Failure) -> [Timestamp] {
    let count = range.over.milliseconds / max(1, range.step.milliseconds)
    guard count <= 11_000 else { throw Failure(.rejected, "\(count) steps are more than 11000; take a longer step") }
    return (0...max(0, count)).reversed().map {
      Timestamp(milliseconds: end.milliseconds - $0 * range.step.milliseconds)
    }
  }

  private func value(of question: FileQuestion, in recording: Recording, at: Timestamp, over window: Interval) -> Answer
  {
    guard let end = recorded(at, in: recording) else { return .null }
    let begin = Timestamp(milliseconds: end.milliseconds - window.milliseconds)
    return question.value(over: recording.records(after: begin, to: end))
  }

  /// The time of the recording that is replayed at an instant; `nil` before it starts.
  private func recorded(_ at: Timestamp, in recording: Recording) -> Timestamp? {
    guard let start, let first = recording.records.first?.time else { return at }
    var passed = at.milliseconds - start.milliseconds
    guard passed >= 0 else { return nil }
    if let period { passed %= max(1, period.milliseconds) }
    return Timestamp(milliseconds: first.milliseconds + passed)
  }
}
