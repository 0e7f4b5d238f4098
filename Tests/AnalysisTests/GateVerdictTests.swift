import Analysis
import PipelineModel
import Testing

// What a gate says from the looks of its metrics.

struct GateVerdictTests {
  @Test func `fail beats error beats noData beats inconclusive beats pass`() {
    let looks = ["p", "i", "n", "e", "f"]
    let verdicts: [Verdict] = [.pass, .inconclusive, .noData, .error, .fail]
    for (a, first) in looks.enumerated() {
      for (b, second) in looks.enumerated() {
        #expect(verdict([metric(), metric()], [first, second]) == verdicts[max(a, b)])
      }
    }
  }

  @Test func `a gate without anything that decides has no data`() {
    #expect(verdict([], []) == .noData)
    #expect(verdict([metric { $0.critical = false }], ["ppp"]) == .noData)
    #expect(verdict([metric { $0.dryRun = true }], ["ppp"]) == .noData)
    #expect(verdict([metric { $0.onNoData = .ignore }], ["nnn"]) == .noData)
  }

  @Test func `metrics that are not critical, or run dry, decide nothing`() {
    for bystander in [metric { $0.critical = false }, metric { $0.dryRun = true }] {
      for looks in ["fff", "eeeeeee", "nnnnnnn", "iii", ""] {
        #expect(verdict([metric(), bystander], ["p", looks]) == .pass)
        #expect(!gate([metric(), bystander]).isFailed(by: bystander.stakes, Tally(looks)))
      }
    }
  }

  @Test func `a lack of evidence does what its policy says, and is never a pass`() {
    for (looks, lack) in [("n", Verdict.noData), ("", .noData), ("e", .error)] {
      #expect(verdict([metric()], [looks]) == lack)
      #expect(
        verdict(
          [
            metric {
              $0.onNoData = .fail; $0.onError = .fail
            }
          ], [looks]) == .fail)
      #expect(
        verdict(
          [
            metric {
              $0.onNoData = .ignore; $0.onError = .ignore
            }
          ], [looks]) == .noData)
      #expect(
        verdict(
          [
            metric {
              $0.onNoData = .ignore; $0.onError = .ignore
            }, metric(),
          ], [looks, "p"]) == .pass)
    }
  }

  @Test func `each lack has a policy of its own`() {
    let onError = metric { $0.onError = .fail }
    let onNoData = metric { $0.onNoData = .fail }
    #expect(verdict([onError], ["n"]) == .noData)
    #expect(verdict([onError], ["e"]) == .fail)
    #expect(verdict([onNoData], ["n"]) == .fail)
    #expect(verdict([onNoData], ["e"]) == .error)
  }

  @Test func `leaving out a silent metric does not leave out what it said before`() {
    let quiet = metric {
      $0.onError = .ignore; $0.onNoData = .ignore
    }
    #expect(verdict([quiet, metric()], ["peeeee", "p"]) == .pass)
    #expect(verdict([quiet, metric()], ["ieeeee", "p"]) == .inconclusive)
    #expect(verdict([quiet, metric()], ["feeeee", "p"]) == .fail)
  }

  @Test func `a metric fails the gate at once when a limit is passed, and not before`() {
    let gate = Gate(metrics: [0], every: .minutes(1), allow: Allowance(failures: 2))
    #expect(!gate.isFailed(by: metric().stakes, Tally("ff")))
    #expect(gate.isFailed(by: metric().stakes, Tally("fff")))
  }

  @Test func `lasting errors fail at once only where the policy says so`() {
    let gate = Gate(metrics: [0], every: .minutes(1))
    #expect(!gate.isFailed(by: metric().stakes, Tally("eeeeeeeee")))
    #expect(!gate.isFailed(by: metric({ $0.onError = .fail }).stakes, Tally("eeee")))
    #expect(gate.isFailed(by: metric({ $0.onError = .fail }).stakes, Tally("eeeee")))
    #expect(!gate.isFailed(by: metric({ $0.onError = .fail }).stakes, Tally("nnnnn")))
    #expect(gate.isFailed(by: metric({ $0.onNoData = .fail }).stakes, Tally("nnnnn")))
    #expect(!gate.isFailed(by: metric({ $0.onNoData = .fail }).stakes, Tally("nnnnnp")))
  }

  @Test func `looks in a hold count the one at its very end`() {
    let gate = Gate(metrics: [0], every: .minutes(1))
    #expect(gate.looks(in: .minutes(15)) == 15)
    #expect(gate.looks(in: .seconds(59)) == 0)
    #expect(Gate(metrics: [0], every: .minutes(1), delay: .zero).looks(in: .minutes(15)) == 16)
    #expect(Gate(metrics: [0], every: .minutes(4), delay: .minutes(2)).looks(in: .minutes(15)) == 4)
  }

  private func metric(_ change: (inout Metric) -> Void = { _ in }) -> Metric {
    var metric = Metric(
      name: "errors", provider: "p", query: Template(text: "q"), rule: .threshold(.init(pass: value < 1)))
    change(&metric)
    return metric
  }

  private func gate(_ metrics: [Metric]) -> Gate { Gate(metrics: Array(metrics.indices), every: .minutes(1)) }

  private func verdict(_ metrics: [Metric], _ looks: [String]) -> Verdict {
    gate(metrics).verdict(looks.map { Tally($0) }, of: metrics.map(\.stakes))
  }
}
