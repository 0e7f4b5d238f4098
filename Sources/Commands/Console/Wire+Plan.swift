import ControlAPI
import PipelineModel
import PipelineSyntax

extension PlannedPipeline {
  init(_ report: PlanReport) {
    self.init(
      pipeline: report.pipeline, service: report.target.service, environment: report.target.environment,
      shortest: report.shortest.seconds, longest: report.longest.seconds, whenBusy: report.whenBusy.rawValue,
      exposure: .init(inTime: report.exposure.inTime.seconds, held: report.exposure.held.seconds),
      stages: report.stages.map(Stage.init))
  }
}

extension PlannedPipeline.Stage {
  fileprivate init(_ stage: PlanReport.Stage) {
    self.init(
      name: stage.name, kind: stage.kind, does: stage.does, steps: stage.steps.map(PlannedPipeline.Step.init),
      background: stage.background.map(PlannedPipeline.Gate.init), shortest: stage.shortest.seconds,
      longest: stage.longest.seconds, onFailure: stage.onFailure)
  }
}

extension PlannedPipeline.Step {
  fileprivate init(_ step: PlanReport.Step) {
    self.init(
      title: step.title, weight: step.weight.fraction * 100, hold: step.hold.seconds,
      gate: step.gate.map(PlannedPipeline.Gate.init), leastExposure: step.leastExposure?.seconds,
      mostExposure: step.mostExposure.seconds,
      decisions: step.decisions.map {
        PlannedPipeline.Decision($0, over: step.hold + (step.gate?.patience ?? .zero))
      })
  }
}

extension PlannedPipeline.Decision {
  fileprivate init(_ decision: StepDecision, over time: Interval) {
    self.init(
      metric: decision.metric, errorsToFail: decision.errorsToFail.rounded(.up),
      errorsToPass: decision.errorsToPass.rounded(.up), timeToFail: decision.timeToFail?.seconds,
      timeToPass: decision.timeToPass?.seconds, fits: decision.fits(time),
      recommendedHold: decision.recommendedHold?.seconds, longToFail: decision.longToFail?.seconds,
      longToPass: decision.longToPass?.seconds)
  }
}

extension PlannedPipeline.Gate {
  fileprivate init(_ gate: GateReport) {
    self.init(
      looks: gate.looks, firstLook: gate.firstLook.seconds, every: gate.every.seconds,
      metrics: gate.metrics.map(\.name),
      passes: gate.passes, fails: gate.fails)
  }
}
