import PipelineModel
import Yams

/// What the YAML parser did not like, in words for people who write pipelines.
struct YAMLProblem {
  private var message: String
  private var place: Place
  private var context: Place?

  init(_ error: any Error) {
    switch error {
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      message = problem
      place = Place(line: mark.line, column: mark.column)
      self.context = context.map { Place(line: $0.mark.line, column: $0.mark.column) }
    case YamlError.reader(let problem, _, _, _):
      message = problem
      place = .start
    default:
      message = "this is not YAML"
      place = .start
    }
  }

  func report(in source: SourceText, to sink: DiagnosticSink) {
    let scalar = source.scalar(at: place)
    switch message {
    case _ where scalar == "\t":
      sink.error("a tab cannot indent YAML", at: place, help: "use spaces")
    case "found character that cannot start any token":
      let shown = scalar.map { quote(String($0)) } ?? "this"
      sink.error("\(shown) cannot begin a value", at: place, help: "put the text into quotes")
    case "mapping values are not allowed in this context":
      sink.error(
        "this `:` is not expected here", at: place,
        help: "indent the key like its neighbours, or put the text into quotes if the colon is part of it")
    case "could not find expected ':'":
      sink.error("a `:` is missing", at: place, help: "write `key: value`; the key began at \(begun)")
    case "did not find expected key", "did not find expected '-' indicator":
      sink.error(
        "this does not continue what was begun at \(begun)", at: place,
        help: "indent it like the lines it belongs with")
    case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
      let close = message.hasSuffix("'}'") ? "}" : "]"
      sink.error("a `,` or `\(close)` is missing", at: place, help: "the bracket was opened at \(begun)")
    case "found unexpected end of stream":
      sink.error("a quote is opened here and never closed", at: context ?? place, help: "close it, or double it inside")
    case "found undefined alias":
      sink.error("this alias names no anchor above it", at: place, help: "write the value out")
    case "but found another document":
      sink.error("a second document begins here", at: place, help: "a file holds one; remove the `---`")
    default:
      sink.error("this is not YAML: \(message)", at: place)
    }
  }

  private var begun: String { context.map { "line \($0.line), column \($0.column)" } ?? "an earlier line" }
}
