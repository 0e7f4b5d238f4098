import Foundation
import FoundationXML

/// One element of an XML answer, as far as answers of AWS need it.
struct AnswerElement: Hashable, Sendable {
  var name: String
  /// Its own text, without white space around it.
  var text = ""
  var children: [AnswerElement] = []

  init(_ name: String) { self.name = name }

  /// `nil` when it is no XML.
  init?(parsing data: Data) {
    let reader = Reader()
    let parser = XMLParser(data: data)
    parser.delegate = reader
    guard parser.parse(), let root = reader.root else { return nil }
    self = root
  }

  /// The first child of that name.
  subscript(name: String) -> AnswerElement? { children.first { $0.name == name } }

  /// The members of a list: AWS calls each of them `member`.
  var members: [AnswerElement] { children.filter { $0.name == "member" } }

  private final class Reader: NSObject, XMLParserDelegate {
    var root: AnswerElement?
    private var open: [AnswerElement] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String] = [:]
    ) {
      open.append(AnswerElement(name))
      if open.count > 100 { parser.abortParsing() }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      guard let last = open.indices.last else { return }
      open[last].text += string
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      guard var element = open.popLast() else { return }
      element.text = element.text.trimmingCharacters(in: .whitespacesAndNewlines)
      if let last = open.indices.last { open[last].children.append(element) } else { root = element }
    }
  }
}
