import Foundation
import PipelineModel
import PluginKit

/// An HTTP answer as it came.
struct PrometheusReply: Sendable {
  var status: Int
  var location: String?
  var body: Data

  /// The JSON that every answer of the API has.
  ///
  /// - Throws: `misconfigured` when the answer is not JSON, so nobody here speaks the API; `transient` when it began as
  ///   JSON and is damaged.
  func document() throws(Failure) -> PrometheusDocument {
    let first = body.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
    guard first == UInt8(ascii: "{") else {
      throw Failure(.misconfigured, "HTTP \(status) and no JSON, so this is not a Prometheus: \(excerpt)")
    }
    do {
      return try JSONDecoder().decode(PrometheusDocument.self, from: body)
    } catch DecodingError.dataCorrupted {
      throw Failure(.transient, "HTTP \(status) with damaged JSON of \(body.count) bytes: \(excerpt)")
    } catch {
      throw Failure(.misconfigured, "HTTP \(status) with JSON that no Prometheus writes: \(excerpt)")
    }
  }

  /// The beginning of the body, for a message.
  var excerpt: String {
    let text = String(decoding: body.prefix(640), as: UTF8.self).excerpt(160)
    return text.isEmpty ? "(empty)" : "\"\(text)\""
  }
}

/// `{"status": …, "data": …, "errorType": …, "error": …}`; warnings are not read.
struct PrometheusDocument: Decodable {
  var status: String
  var data: Data?
  var errorType: String?
  var error: String?

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
