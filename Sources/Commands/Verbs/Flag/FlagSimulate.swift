import ArgumentParser
import ControlAPI
import Controller
import Engine
import Flags
import PipelineModel
import SQLiteStore

struct FlagSimulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Who would move with another definition, exactly. Changes nothing.",
    discussion: """
      Over the people given, or over people made up for what the rules look at: the share \
      of a country among them says nothing of your users; who moves within it does. Of people given, those who move are \
      named. Collateral are those who move though it is neither to nor from the variant that is meant to change.

      EXAMPLES
        headgate flag simulate new-checkout -e production --file new.json
        headgate flag simulate new-checkout -e production --ramp on=10%
        headgate flag simulate new-checkout -e production --contexts users.jsonl \\
          --rule '{"fractional": [["on", 10], ["off", 90]]}'
      """)

  @OptionGroup var subject: FlagSubject
  @OptionGroup var draft: DraftOptions
  @Option(help: "A step of a ramp: variant=share, for example on=10%.") var ramp: RampShare?
  @Option(help: "People to reckon with: a file with a JSON list of contexts, or one a line.", completion: .file())
  var contexts: String?
  @Option(help: "The variant that is meant to change; unless given, that of --ramp.") var meant: String?
  @Option(help: "At most so many people are named in text; all of them are in JSON.") var limit = 50
  @Option(help: "How many people to make up; 10000, fewer for large rules, unless given.") var count: Int?
  @OptionGroup var output: FormatOption

  func validate() throws {
    guard 1...1_000_000 ~= count ?? 1 else { throw ValidationError("--count is from 1 to 1000000") }
    if limit < 0 { throw ValidationError("--limit is 0 or more") }
  }

  func run() throws {
    let desk = try FlagDesk(subject.place.store)
    let name = try desk.name(subject)
    let old = try desk.existing(name).revision
    let given = try draft.draft(of: name.key, after: old)
    var definition = try old.next(.changed) { $0.definition = given.definition }.definitionOrStop()
    if let ramp { try step(&definition, ramp, name) }
    let new = old.next(.changed) {
      $0.definition = definition.canonical
      $0.generation = given.generation ?? old.generation
    }
    let report = try report(from: old, to: new)
    if output.isJSON { return try Console.json(report) }
    for line in report.lines(naming: limit) { Console.print(line) }
  }

  private func report(from old: FlagRevision, to new: FlagRevision) throws -> MoversReport {
    let (people, now) = (try contexts.map { try Contexts(file: $0).people }, Timestamp.wall)
    let reckoning = Reckoning(from: old, to: new, over: people, count: count, at: now)
    var report = MoversReport(old.name, reckoning, meant: meant ?? ramp?.variant)
    report.movers = people.map { MoversReport.Mover.all(in: reckoning, over: $0, from: old, to: new, at: now) }
    return report
  }

  private func step(_ definition: inout FlagDefinition, _ ramp: RampShare, _ name: FlagName) throws {
    do throws(StepRefusal) {
      if ramp.weight > 0 { definition.state = .enabled }
      try definition.step(ramp.variant, to: ramp.weight)
    } catch {
      throw Stop.negative("\(name) cannot ramp: \(error.description)")
    }
  }
}

/// `on=10%`.
struct RampShare: ExpressibleByArgument {
  var variant: String
  /// Of 100 000.
  var weight: Int

  init?(argument: String) {
    guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex, argument.hasSuffix("%"),
      let percent = Double(argument[argument.index(after: equals)...].dropLast()), 0...100 ~= percent
    else { return nil }
    variant = String(argument[..<equals])
    weight = Int((percent * 1000).rounded())
  }
}
