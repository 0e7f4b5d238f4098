import Analysis
import ControlAPI
import Controller
import Engine
import Narrative
import PipelineModel

// What the store and the engine know, as the values that go over the wire.

extension RunSummary {
  init(_ record: RunRecord, now: Timestamp) {
    self.init(
      run: record.id.number, pipeline: record.pipeline, service: record.target.service,
      environment: record.target.environment, version: record.version, stable: record.stable,
      status: record.status.rawValue, stage: record.stage, weight: record.weight.fraction * 100,
      startedBy: record.startedBy.description, startedAt: record.startedAt.rfc3339, endedAt: record.endedAt?.rfc3339,
      seconds: ((record.endedAt ?? max(now, record.startedAt)) - record.startedAt).seconds)
  }
}

extension RunSummary {
  var took: Interval { Interval(milliseconds: Int64(seconds * 1000)).rounded }
}

extension TimelineLine {
  init(_ sentence: Sentence) {
    self.init(time: sentence.time.rfc3339, tone: sentence.tone.rawValue, text: sentence.text)
  }
}

extension Chronicle {
  /// The gates that judge now.
  func gates(now: Timestamp) -> [GateStatus] {
    guard let run, case .working(let working) = run.phase else { return [] }
    return GateSite.allCases.compactMap { site in
      guard let watching = working.watching(at: site), let judging = run.judging(at: site),
        let verdict = run.verdict(site)
      else { return nil }
      let left = watching.until == .distantFuture ? nil : max(.zero, watching.until - now).seconds
      return GateStatus(
        site: site.name, verdict: verdict.description, secondsLeft: left,
        metrics: zip(judging.gate.metrics, judging.tallies).map { status(of: $0, $1, judging.gate) })
    }
  }

  private func status(of index: Int, _ tally: Tally, _ gate: Gate) -> MetricStatus {
    let metric = plan.pipeline.metrics[index]
    return MetricStatus(
      metric: metric.name, value: readings[index]?.number.flatMap { $0.isFinite ? $0 : nil },
      shown: shown(index, metric, tally), limits: metric.limits, judgement: tally.latest?.description,
      passes: Int(tally.passes), looks: tally.looks, needed: gate.atLeast)
  }

  private func shown(_ index: Int, _ metric: Metric, _ tally: Tally) -> String {
    guard tally.latest != nil else { return "not looked at yet" }
    return readings[index].map(metric.shown) ?? "not looked at yet"
  }
}
