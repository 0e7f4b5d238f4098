/// Measures what is named, or everything, and prints a line for each figure.
@main
struct Bench {
  /// Every figure by its name, in the order they are printed.
  static let figures: [(name: String, measure: @Sendable () throws -> [Figure])] = [
    ("encoding", measureEncoding),
    ("journal", measureJournal),
    ("commits", measureCommits),
    ("audit", measureAudit),
    ("tree", measureTree),
    ("simulation", measureSimulation),
    ("driving", measureDriving),
    ("alone", measureAlone),
    ("memory", measureMemory),
    ("recovery", measureRecovery),
    ("sharing", measureSharing),
    ("startup", measureStartup),
    ("plugins", measurePlugins),
    ("looks", measureLooks),
    ("kayenta", measureRankSum),
    ("flags", measureFlags),
    ("flagLedger", measureFlagLedgers),
    ("timeline", measureTimeline),
    ("serving", measureServing),
  ]

  static func main() throws {
    let wanted = CommandLine.arguments.dropFirst()
    if let runs = InFlight(wanted) { try runs.drive() }
    if let unknown = wanted.first(where: { name in !figures.contains { $0.name == name } }) {
      print("there is no figure `\(unknown)`; there are: \(figures.map(\.name).joined(separator: ", "))")
      throw UnknownFigure()
    }
    print(Machine.description)
    print(Figure.header)
    for figure in figures where wanted.isEmpty || wanted.contains(figure.name) {
      for line in try figure.measure() { print(line) }
    }
  }

  struct UnknownFigure: Error {}
}
