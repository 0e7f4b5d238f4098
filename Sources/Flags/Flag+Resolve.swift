package import PipelineModel

extension Flag {
  /// What this flag is for a context; the same context, instant and definition always give the same.
  ///
  /// - Parameter context: what is known about the user, `targetingKey` included. Its `$flagd` is not looked at.
  package func resolve(_ context: JSONObject, at now: Timestamp) -> Resolution {
    resolve(context, at: now, trail: NoTrail())
  }

  /// The same, for somebody who looks on.
  @inline(__always)
  func resolve(_ context: JSONObject, at now: Timestamp, trail: some RuleTrail) -> Resolution {
    guard state == .enabled else { return Resolution(of: self, variant: nil, .disabled) }
    if let tables {
      return context.withBorrowed { context in
        var evaluator = Evaluator(tables, context, seconds: now.unixSeconds, trail: trail)
        return resolution(of: &evaluator)
      }
    }
    switch targeting {
    case .none: return Resolution(of: self, variant: defaultIndex, defaultIndex == nil ? .default : .static)
    case .broken(let why): return .failed(.parseError, why, metadata: metadata)
    case .rule: preconditionFailure("a rule has tables")
    }
  }

  /// The same, and the way to it.
  package func explain(_ context: JSONObject, at now: Timestamp) -> (resolution: Resolution, path: [RuleStep]) {
    guard state == .enabled, case .rule(let program) = targeting else { return (resolve(context, at: now), []) }
    return context.withBorrowed { context in
      var evaluator = Evaluator(program.tables, context, seconds: now.unixSeconds, trail: KeptTrail(program))
      let resolution = resolution(of: &evaluator)
      return (resolution, evaluator.trail.steps)
    }
  }

  @inline(__always)
  private func resolution<Trail>(of evaluator: inout Evaluator<Trail>) -> Resolution {
    do throws(Exhausted) {
      switch try evaluator.outcome() {
      case .variant(let index): return Resolution(of: self, variant: index, .targetingMatch)
      case .nothing: return Resolution(of: self, variant: defaultIndex, .default)
      case .value(let value): return resolution(naming: value)
      }
    } catch {
      return .failed(.general, "the rule takes more steps than one evaluation may", metadata: metadata)
    }
  }

  private func resolution(naming value: JSONValue) -> Resolution {
    if value.isNull { return Resolution(of: self, variant: defaultIndex, .default) }
    guard let name = Program.variantName(value) else {
      return .failed(.general, "the rule gave \(value.kindName), which names no variant", metadata: metadata)
    }
    guard let index = variants.firstIndex(where: { $0.name.hasSameBytes(as: name) }) else {
      return .failed(.general, "the rule gave a name that is no variant", metadata: metadata)
    }
    return Resolution(of: self, variant: index, .targetingMatch)
  }
}

/// What a rule comes to.
enum Outcome {
  case variant(Int)
  case nothing
  /// Computed, or a constant that names no variant.
  case value(JSONValue)
}

extension Evaluator {
  /// Follows the rule to its result; what is known to be a variant is not compared again.
  @inline(__always)
  mutating func outcome() throws(Exhausted) -> Outcome {
    var index = program.root
    while true {
      try spend(1)
      switch program.nodes[Int(index)] {
      case .branch(let span):
        guard let chosen = try chosen(span) else { return .nothing }
        index = chosen
      case .constant(let constant):
        return outcome(program.variantOfConstant[Int(constant)], constant)
      case .fixedSplit(let key, let split):
        guard let hash = try hash(key) else { return .nothing }
        return outcome(of: hash, split, at: index)
      default: return .value(try value(index))
      }
    }
  }

  @inline(__always)
  private func outcome(_ variant: Int32, _ constant: Int32) -> Outcome {
    variant >= 0 ? .variant(Int(variant)) : .value(program.constants[Int(constant)])
  }

  @inline(__always)
  private mutating func outcome(of hash: UInt32, _ split: Int32, at index: Int32) -> Outcome {
    let span = program.splits[Int(split)]
    let place = bucket(of: hash, span)
    trail.fell(
      index, into: place - Int(span.start), hash: hash, of: program.ends[Int(span.start + span.count) - 1])
    return outcome(program.buckets[place].variant, program.buckets[place].name)
  }
}

extension Timestamp {
  /// Whole seconds since 1970, rounded down.
  var unixSeconds: Int64 {
    let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    return rest < 0 ? seconds - 1 : seconds
  }
}
