extension RuleCompiler {
  /// Notes every result a rule can have that names no variant and, when all of its results are known, the variants that
  /// it can never name.
  mutating func checkOutcomes(from root: Int32, _ rule: JSONNode) {
    var outcomes = Outcomes()
    collect(root, into: &outcomes)
    for name in outcomes.unknown {
      note(
        "a result of this rule is `\(name)`, which is no variant", at: rule, help: "Add the variant or mend the name.")
    }
    for kind in outcomes.unusable {
      note("a result of this rule is \(kind), which names no variant", at: rule, help: "Results are names of variants.")
    }
    named = outcomes.isOpen ? nil : outcomes.named
  }

  private struct Outcomes {
    var named: Set<Int32> = []
    var unknown: [String] = []
    var unusable: Set<String> = []
    /// Some results are known at evaluation only.
    var isOpen = false
  }

  /// Iterative: what a rule results in may be as deep as rules may be.
  private func collect(_ root: Int32, into outcomes: inout Outcomes) {
    var open = [root]
    while let index = open.popLast() {
      switch draft.nodes[Int(index)] {
      case .constant(let constant): collect(draft.constants[Int(constant)], into: &outcomes)
      case .branch(let span):
        let parts = children(span)
        for (place, part) in parts.enumerated() where place % 2 == 1 || place == parts.count - 1 { open.append(part) }
      case .fixedSplit(_, let split):
        let span = draft.splits[Int(split)]
        for bucket in draft.buckets[Int(span.start)..<Int(span.start + span.count)] {
          collect(draft.constants[Int(bucket.name)], into: &outcomes)
        }
      case .split(_, let span):
        for (place, part) in children(span).enumerated() where place % 2 == 0 { open.append(part) }
      case .isOneOf, .hasOneOf: collectBooleans(into: &outcomes)
      case .call(let named, _) where named.isPredicate: collectBooleans(into: &outcomes)
      case .variable, .computedVariable, .list, .and, .or, .call, .iterate, .reduce: outcomes.isOpen = true
      }
    }
  }

  private func children(_ span: Program.Span) -> ArraySlice<Int32> {
    ArraySlice(Array(draft.children[Int(span.start)..<Int(span.start + span.count)]))
  }

  private func collect(_ value: JSONValue, into outcomes: inout Outcomes) {
    switch value {
    case .null: break
    case .number, .list, .object: outcomes.unusable.insert(value.kindName)
    case .text, .bool:
      let variant = draft.variant(named: value)
      if variant >= 0 {
        outcomes.named.insert(variant)
      } else if let name = Program.variantName(value), !outcomes.unknown.contains(where: { $0.hasSameBytes(as: name) })
      {
        outcomes.unknown.append(name)
      }
    }
  }

  private func collectBooleans(into outcomes: inout Outcomes) {
    collect(.bool(true), into: &outcomes)
    collect(.bool(false), into: &outcomes)
  }
}

extension Operator {
  /// Gives true, false, or null for arguments it cannot judge.
  fileprivate var isPredicate: Bool {
    switch self {
    case .equal, .strictlyEqual, .unequal, .strictlyUnequal, .not, .truth, .less, .lessOrEqual, .greater,
      .greaterOrEqual, .contains, .startsWith, .endsWith, .semanticVersion:
      true
    case .plus, .minus, .times, .divided, .remainder, .min, .max, .merge, .cat, .substr, .missing, .missingSome: false
    }
  }
}
