import PipelineModel

// Conditions as a test may write them: `value < 0.5`.

let value = Condition.value

func < (a: Condition, b: Condition) -> Condition { .binary(.less, a, b) }
func <= (a: Condition, b: Condition) -> Condition { .binary(.lessOrEqual, a, b) }
func > (a: Condition, b: Condition) -> Condition { .binary(.greater, a, b) }
func >= (a: Condition, b: Condition) -> Condition { .binary(.greaterOrEqual, a, b) }
func equal(_ a: Condition, _ b: Condition) -> Condition { .binary(.equal, a, b) }
func unequal(_ a: Condition, _ b: Condition) -> Condition { .binary(.unequal, a, b) }

extension Condition: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
}
