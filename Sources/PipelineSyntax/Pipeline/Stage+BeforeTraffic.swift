import PipelineModel

extension Stage {
  /// Gates that judge before the stage gives the new version any traffic.
  var gatesBeforeTraffic: [Gate] {
    switch work {
    case .verify(let watch): [watch.gate]
    case .blueGreen(let change): [change.preSwitch?.gate].compactMap(\.self)
    case .check, .approve, .canary, .flag, .wait: []
    }
  }
}
