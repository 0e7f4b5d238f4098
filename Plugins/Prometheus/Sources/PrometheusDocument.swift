import Foundation

/// `{"status": …, "data": …, "errorType": …, "error": …, "warnings": […]}`; `infos` are not read.
struct PrometheusDocument: Decodable {
  var status: String
  var data: Data?
  var errorType: String?
  var error: String?
  /// Said of an answer that is not the whole one: a remote store, a part of a Thanos did not answer.
  var warnings: [String]?

  struct Data: Decodable {
    var resultType: String
    var result: Result

    enum Key: String, CodingKey { case resultType, result }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      resultType = try container.decode(String.self, forKey: .resultType)
      result =
        switch resultType {
        case "vector": .vector(try container.decode([Series].self, forKey: .result))
        case "matrix": .matrix(try container.decode([Series].self, forKey: .result))
        case "scalar": .scalar(try container.decode(Point.self, forKey: .result))
        default: .other
        }
    }
  }

  enum Result {
    case vector([Series])
    case matrix([Series])
    case scalar(Point)
    case other
  }

  struct Series: Decodable {
    var metric: [String: String]?
    var value: Point?
    var values: [Point]?
  }

  /// `[seconds, "value"]`, the value as text since JSON has no NaN.
  struct Point: Decodable {
    var value: Double

    init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      _ = try container.decode(Double.self)
      let text = try container.decode(String.self)
      guard let value = Double(text) else {
        throw DecodingError.typeMismatch(
          Double.self, .init(codingPath: decoder.codingPath, debugDescription: "\(text) is not a number"))
      }
      self.value = value
    }
  }
}
