import Flags
import Testing

@testable import ControlServer

/// Pages are made of single flags, and only of what has changed.
@Suite struct FlagPagesTests {
  private static let on = #"{"defaultVariant":"a","state":"ENABLED","variants":{"a":1.0,"b":2}}"#
  private static let off = #"{"defaultVariant":"a","state":"DISABLED","variants":{"a":1.0,"b":2}}"#

  private func item(_ key: String, _ definition: String, environment: String = "e", isGone: Bool = false)
    -> FlagPages.Item
  {
    .init(environment: environment, key: key, definition: definition, isGone: isGone)
  }

  @Test func `a page has all flags of its environment, and its document is a flagd file`() throws {
    var pages = FlagPages()
    let made = pages.take([item("b", Self.off), item("a", Self.on), item("a", Self.on, environment: "f")]).pages
    #expect(made.map(\.environment) == ["e", "f"])
    let page = try #require(made.first)
    #expect(page.sorted.map(\.key) == ["a", "b"])
    #expect(String(decoding: page.document, as: UTF8.self) == #"{"flags":{"a":\#(Self.on),"b":\#(Self.off)}}"#)
    let reading = FlagSet.read(page.document)
    #expect(!reading.hasErrors && reading.set?.flags.count == 2)
  }

  @Test func `what has not changed is not compiled again`() throws {
    var pages = FlagPages()
    let first = try #require(pages.take([item("a", Self.on), item("b", Self.on)]).pages.first)
    let second = try #require(pages.take([item("b", Self.off), item("a", Self.on)]).pages.first)
    #expect(first.flags["a"] === second.flags["a"])
    #expect(first.flags["b"] !== second.flags["b"])
    #expect(second.revision == first.revision + 1 && second.tag != first.tag)
    // Another generation puts people into other buckets.
    var other = item("a", Self.on)
    other.generation = .v3
    let third = try #require(pages.take([other]).pages.first)
    #expect(third.flags["a"] !== first.flags["a"] && third.flags["a"]?.generation == .v3)
  }

  @Test func `a flag that has gone is served no more, and one that is none stays as it was`() throws {
    var pages = FlagPages()
    _ = pages.take([item("a", Self.on), item("b", Self.on)])
    let made = pages.take([item("a", "", isGone: true), item("b", #"{"state":"PERHAPS"}"#)])
    let page = try #require(made.pages.first)
    #expect(page.sorted.map(\.key) == ["b"])
    #expect(page.flags["b"]?.state == .enabled)
    #expect(made.problems.count == 1 && made.problems[0].hasPrefix("e/b: "))
  }
}
