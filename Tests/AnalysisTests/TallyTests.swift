import Analysis
import PipelineModel
import Testing

// What a metric says by itself after a number of looks. Limits are named for what they allow.

struct TallyTests {
  @Test func `two failures allowed: the third fails`() {
    let allow = Allowance(failures: 2)
    #expect(standing("pff", allow) == .pass)
    #expect(standing("pfff", allow) == .fail)
    #expect(standing("pfpfpf", allow) == .fail)
  }

  @Test func `no failure allowed: the first fails, and stays`() {
    #expect(standing("f", Allowance()) == .fail)
    #expect(standing("fpppppppp", Allowance()) == .fail)
  }

  @Test func `failures in a row are counted apart from failures in all`() {
    let allow = Allowance(failures: 100, failuresInARow: 2)
    #expect(standing("ffpffpff", allow) == .pass)
    #expect(standing("pfffp", allow) == .fail)
  }

  @Test func `missing looks end a row of failures, but pass nothing`() {
    let allow = Allowance(failures: 100, failuresInARow: 1)
    #expect(standing("fnf", allow) == .inconclusive)
    #expect(standing("ff", allow) == .fail)
  }

  @Test func `an inconclusive look beyond what is allowed makes the metric inconclusive`() {
    #expect(standing("pi", Allowance()) == .inconclusive)
    #expect(standing("pi", Allowance(inconclusive: 1)) == .pass)
    #expect(standing("pipi", Allowance(inconclusive: 1)) == .inconclusive)
    #expect(standing("piipp", Allowance(inconclusive: 9, inconclusiveInARow: 1)) == .inconclusive)
    #expect(standing("pipip", Allowance(inconclusive: 9, inconclusiveInARow: 1)) == .pass)
  }

  @Test func `four errors in a row are allowed: the fifth counts, until an answer ends the row`() {
    #expect(standing("peeee", Allowance()) == .pass)
    #expect(standing("peeeee", Allowance()) == .error)
    #expect(standing("peeeeep", Allowance()) == .pass)
    #expect(standing("peeeeneee", Allowance()) == .pass)
  }

  @Test func `so with missing data`() {
    #expect(standing("pnnnn", Allowance()) == .pass)
    #expect(standing("pnnnnn", Allowance()) == .noData)
    #expect(standing("pnnnnnp", Allowance()) == .pass)
    #expect(standing("pnnn", Allowance(noDataInARow: 2)) == .noData)
  }

  @Test func `too little evidence is no data, or an error when errors were what there was`() {
    #expect(standing("", Allowance()) == .noData)
    #expect(standing("ppp", Allowance(), atLeast: 4) == .noData)
    #expect(standing("pppe", Allowance(), atLeast: 4) == .error)
    #expect(standing("pppen", Allowance(), atLeast: 4) == .error)
    #expect(standing("pppenn", Allowance(), atLeast: 4) == .noData)
    #expect(standing("pppp", Allowance(), atLeast: 4) == .pass)
  }

  @Test func `failures and inconclusive looks are evidence, but without a pass they are not one`() {
    #expect(standing("ff", Allowance(failures: 2), atLeast: 2) == .inconclusive)
    #expect(standing("ii", Allowance(inconclusive: 2), atLeast: 2) == .inconclusive)
    #expect(standing("fip", Allowance(failures: 2, inconclusive: 2), atLeast: 3) == .pass)
  }

  @Test func `a failure outweighs errors and missing data that came after it`() {
    #expect(standing("feeeeee", Allowance()) == .fail)
    #expect(standing("fnnnnnn", Allowance()) == .fail)
  }

  @Test func `the last number stays when later looks have none`() {
    var tally = Tally()
    tally.record(.pass, value: 0.25)
    tally.record(.error, value: nil)
    #expect(tally.last == 0.25)
    #expect(tally.looks == 2)
    #expect(tally.evidence == 1)
  }

  private func standing(_ looks: String, _ allow: Allowance, atLeast: Int = 1) -> Verdict {
    Tally(looks).standing(atLeast: atLeast, allow: allow)
  }
}

extension Tally {
  /// One letter a look: p, f, i, n, e.
  init(_ looks: String) {
    self.init()
    for letter in looks { record(Judgement(letter), value: nil) }
  }
}

extension Judgement {
  init(_ letter: Character) {
    switch letter {
    case "p": self = .pass
    case "f": self = .fail
    case "i": self = .inconclusive
    case "n": self = .noData
    default: self = .error
    }
  }
}
