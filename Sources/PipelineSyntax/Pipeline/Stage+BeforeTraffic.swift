import PipelineModel

extension Stage {
  /// Gates that judge before the stage gives the new version any traffic.
  var gatesBeforeTraffic: [Gate] {
    switch work {
    case .verify(let watch): [watch.gate]
    case .blueGreen(let change): [change.preSwitch?.gate].compactMap(\.self)
    // Copies of requests are traffic, too.
    case .canary(let canary): canary.previews.prefix { ($0.mirror ?? Weight.none) == Weight.none }.compactMap(\.gate)
    case .check, .step, .approve, .flag, .wait: []
    }
  }
}
