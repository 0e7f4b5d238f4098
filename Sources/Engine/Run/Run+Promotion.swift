import Analysis
import PipelineModel

extension Run {
  /// On to the next move, past whatever holds the run and the gates it leaves behind.
  mutating func promoteStep(_ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase else { return }
    for site in sites(leftBehindBy: working) { overrule(site, now, &reaction) }
    release()
    advance(now, &reaction)
    proceed(now, &reaction)
  }

  /// Past every gate and hold, those in progress and those to come.
  mutating func promoteAll(_ now: Timestamp, _ reaction: inout Reaction) {
    for site in GateSite.allCases { overrule(site, now, &reaction) }
    for site in GateSite.allCases { giveUpLooks(at: site) }
    phase.withWatching(at: .move) { $0.tallies = [] }
    unguarded = true
    paused = false
    release()
    dropBackground()
    proceed(now, &reaction)
  }

  private func sites(leftBehindBy working: Working) -> [GateSite] {
    if case .gate(.background, _) = working.held { return [.move, .background] }
    if case .watching = working.activity { return sites(deciding: working) }
    return []
  }

  private mutating func release() {
    guard case .working(var working) = phase else { return }
    working.held = nil
    phase = .working(working)
  }

  private mutating func dropBackground() {
    guard case .working(var working) = phase else { return }
    working.background = nil
    phase = .working(working)
  }

  /// Keeps what a gate said when a person goes past it: `stopped` when its time was not over. A background gate then
  /// begins anew, so that what was forgiven once does not hold the run again.
  private mutating func overrule(_ site: GateSite, _ now: Timestamp, _ reaction: inout Reaction) {
    guard case .working(let working) = phase, let watching = working.watching(at: site), let verdict = verdict(site)
    else { return }
    let said = verdict == .fail || isTimeOver(site, working, now) ? verdict : .stopped
    if watching.concluded != said { conclude(site, said, &reaction) }
    guard said != .pass else { return }
    reaction.decisions.append(.overrode(site, said))
    guard site == .background else { return }
    phase.withWatching(at: .background) { background in
      background = Watching(since: now, until: background.until, tallies: background.tallies.map { _ in Tally() })
    }
  }

  /// Whether a gate has had all its time. A background gate's is over with the last watch of its stage.
  private func isTimeOver(_ site: GateSite, _ working: Working, _ now: Timestamp) -> Bool {
    guard case .watching(let watching) = working.activity, now >= watching.until else { return false }
    return site == .move || plan.isLastWatch(stage: working.stage, move: working.move)
  }
}
