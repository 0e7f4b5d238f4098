import Analysis
import ControlAPI
import Engine
import Narrative
import PipelineModel

extension MeasurementReport {
  /// The looks of a run that were judged, in their order.
  static func all(in entries: [Entry], of pipeline: Pipeline) -> [MeasurementReport] {
    entries.flatMap { entry in
      guard case .measured(_, let reading) = entry.fact else { return [] as [MeasurementReport] }
      return entry.decisions.compactMap { decision -> MeasurementReport? in
        guard case .judged(let site, let metric, let judgement) = decision else { return nil }
        return MeasurementReport(entry.time, site, pipeline.metrics[metric], reading, judgement)
      }
    }
  }

  private init(
    _ time: Timestamp, _ site: GateSite, _ metric: Metric, _ reading: Reading, _ judgement: Judgement
  ) {
    self.init(
      time: time.rfc3339, metric: metric.name, site: site.name,
      value: reading.number.flatMap { $0.isFinite ? $0 : nil }, shown: metric.shown(reading), limits: metric.limits,
      verdict: judgement.description, provider: reading.notes?.stand?.provider, warnings: reading.notes?.warnings ?? [])
  }
}

extension VerdictReport {
  /// What the gates of a run decided, in their order.
  static func all(in entries: [Entry], of pipeline: Pipeline) -> [VerdictReport] {
    entries.flatMap { entry in
      entry.decisions.compactMap { decision -> VerdictReport? in
        guard case .concluded(let site, let verdict, let reports) = decision else { return nil }
        return VerdictReport(
          time: entry.time.rfc3339, site: site.name, verdict: verdict.description,
          metrics: reports.map { Metric($0, pipeline.metrics[$0.metric]) })
      }
    }
  }
}

extension VerdictReport.Metric {
  fileprivate init(_ report: MetricReport, _ metric: PipelineModel.Metric) {
    self.init(
      metric: metric.name, verdict: report.verdict.description, last: report.last.flatMap { $0.isFinite ? $0 : nil },
      limits: metric.limits,
      looks: report.passes + report.failures + report.inconclusive + report.noData + report.errors,
      passes: report.passes, failures: report.failures, inconclusive: report.inconclusive, noData: report.noData,
      errors: report.errors)
  }
}

extension GateSite {
  /// As it goes over the wire.
  var name: String {
    switch self {
    case .move: "move"
    case .background: "background"
    }
  }
}

extension Metric {
  /// An answer for people, or why there is none.
  func shown(_ reading: Reading) -> String {
    switch reading {
    case .answer(let answer): shown(answer)
    case .noted(let answer, let notes): shown(answer) + (notes.warnings.isEmpty ? "" : ", with a warning")
    case .failure(let failure): failure.message
    }
  }

  private func shown(_ answer: Answer) -> String { phrase(of: answer) ?? answer.phrase(unit: Unit(of: self)) }
}
