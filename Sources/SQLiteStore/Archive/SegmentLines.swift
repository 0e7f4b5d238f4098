import Controller
import Foundation

/// Where the lines of a few files begin, found once for whoever looks up one entry after the other.
final class SegmentLines {
  private struct Page {
    var data: Data
    var ends: [Int]
  }

  private var pages: [String: Page] = [:]
  private static let most = 8

  /// - Parameter body: gets `nil` when there is no such line.
  func withLine<T>(_ index: Int, of file: SegmentFile, _ body: (UnsafeRawBufferPointer?) throws -> T) throws -> T {
    let page = try page(of: file)
    return try page.data.withUnsafeBytes { bytes in
      guard page.ends.indices.contains(index) else { return try body(nil) }
      let start = index == 0 ? 0 : page.ends[index - 1] + 1
      return try body(UnsafeRawBufferPointer(rebasing: bytes[start..<page.ends[index]]))
    }
  }

  private func page(of file: SegmentFile) throws -> Page {
    if let known = pages[file.path] { return known }
    let data = try file.contents()
    let ends = data.withUnsafeBytes { bytes in
      bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
    }
    if pages.count >= Self.most { pages = [:] }
    pages[file.path] = Page(data: data, ends: ends)
    return Page(data: data, ends: ends)
  }
}
