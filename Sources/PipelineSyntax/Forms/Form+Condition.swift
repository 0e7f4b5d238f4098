import PipelineModel

/// A condition as read, with what later checks need.
struct ConditionDraft {
  var condition: Condition
  var text: String
  var place: Place
  /// With what kinds of number the measured value is compared, and where.
  var comparisons: [Located<Dimension>]
}

extension Form where Value == ConditionDraft {
  static let condition = Form(.condition) { node, reader in
    guard reader.text(node, wanting: "a condition", help: "for example `value < 500ms`") != nil,
      let text = reader.scalarText(node)
    else { return nil }
    do throws(ConditionMistake) {
      let reading = try ConditionParser.parse(text.text)
      if let (first, other) = reading.oneOfTwoKinds {
        reader.sink.warning(
          "this compares with \(other.dimension.rawValue) what stands beside \(first.dimension.rawValue) before",
          at: text.place(at: other.offset), help: "give both limits the same kind of unit")
      }
      return ConditionDraft(
        condition: reading.condition, text: oneLine(text.text), place: node.place,
        comparisons: reading.comparisons.map { Located($0.dimension, at: text.place(at: $0.offset)) })
    } catch {
      reader.sink.error(error.message, at: text.place(at: error.offset), help: error.help)
      return nil
    }
  }
}

/// Every run of blanks and line breaks as one blank, none at the ends.
func oneLine(_ text: String) -> String {
  text.split { $0 == " " || $0 == "\n" || $0 == "\t" }.joined(separator: " ")
}
