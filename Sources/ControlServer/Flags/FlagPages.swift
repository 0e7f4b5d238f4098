package import Flags

/// Makes pages of single flags, environment by environment, and compiles only those that have changed.
package struct FlagPages {
  /// A flag as somebody who keeps it says it is.
  package struct Item {
    package var environment: String
    package var key: String
    /// The flagd definition of the flag, JSON.
    package var definition: String
    package var generation: Generation
    package var contract: FlagContract
    /// It is served no more.
    package var isGone: Bool

    package init(
      environment: String, key: String, definition: String, generation: Generation = .standard,
      contract: FlagContract = FlagContract(), isGone: Bool = false
    ) {
      self.environment = environment
      self.key = key
      self.definition = definition
      self.generation = generation
      self.contract = contract
      self.isGone = isGone
    }
  }

  private struct Compiled {
    var flag: Flag
    var definition: String
    var contract: FlagContract
  }

  private var environments: [String: [String: Compiled]] = [:]
  private var counts: [String: Int64] = [:]

  package init() {}

  /// Takes what has changed.
  ///
  /// - Returns: a new page for each environment that differs, in order, and what could not be compiled: such a flag stays
  ///   as it was.
  package mutating func take(_ items: [Item]) -> (pages: [FlagPage], problems: [String]) {
    var touched: Set<String> = []
    var problems: [String] = []
    for item in items {
      touched.insert(item.environment)
      if item.isGone {
        environments[item.environment, default: [:]][item.key] = nil
        continue
      }
      do throws(Uncompiled) {
        let flag = try compiled(item)
        environments[item.environment, default: [:]][item.key] = Compiled(
          flag: flag, definition: item.definition, contract: item.contract)
      } catch {
        problems.append(error.description)
      }
    }
    return (touched.sorted().map { page(of: $0) }, problems)
  }

  private func compiled(_ item: Item) throws(Uncompiled) -> Flag {
    if let known = environments[item.environment]?[item.key], known.definition == item.definition,
      known.flag.generation == item.generation
    {
      return known.flag
    }
    var text: [UInt8] = Array("{\"flags\":{".utf8)
    JSONValue.write(item.key, to: &text)
    text.append(UInt8(ascii: ":"))
    text.append(contentsOf: item.definition.utf8)
    text.append(contentsOf: "}}".utf8)
    let reading = FlagSet.read(text, generation: item.generation)
    guard let flag = reading.set?[item.key] else {
      let why = reading.problems.first.map { "\($0)" } ?? "it is no flag"
      throw Uncompiled(description: "\(item.environment)/\(item.key): \(why)")
    }
    return flag
  }

  private struct Uncompiled: Error {
    var description: String
  }

  private mutating func page(of environment: String) -> FlagPage {
    counts[environment, default: 0] += 1
    let flags = (environments[environment] ?? [:]).sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    var document: [UInt8] = Array("{\"flags\":{".utf8)
    document.reserveCapacity(flags.reduce(64) { $0 + $1.key.utf8.count + $1.value.definition.utf8.count + 4 })
    for (index, flag) in flags.enumerated() {
      if index > 0 { document.append(UInt8(ascii: ",")) }
      JSONValue.write(flag.key, to: &document)
      document.append(UInt8(ascii: ":"))
      document.append(contentsOf: flag.value.definition.utf8)
    }
    document.append(contentsOf: "}}".utf8)
    return FlagPage(
      environment: environment, revision: counts[environment] ?? 1, flags: FlagSet(flags: flags.map(\.value.flag)),
      contracts: Dictionary(uniqueKeysWithValues: flags.map { ($0.key, $0.value.contract) }), document: document)
  }
}
