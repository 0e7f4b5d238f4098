/// The one of `known` that was probably meant by `written`; `nil` when nothing is near.
///
/// Near is at most a third of the letters changed, put in, left out or swapped with a neighbour; capitals and dashes
/// are free. Of two equally near the earlier one.
package func nearMiss(of written: String, among known: [String]) -> String? {
  let plain = simplified(written)
  guard plain.count <= 64, !plain.isEmpty else { return nil }
  var best: (name: String, distance: Int)?
  for name in known where name.count <= 64 {
    let candidate = simplified(name)
    let allowed = max(1, max(plain.count, candidate.count) / 3)
    let distance = editDistance(plain, candidate)
    guard distance <= allowed, distance < min(plain.count, candidate.count) || distance == 0 else { continue }
    if distance < best?.distance ?? .max { best = (name, distance) }
  }
  return best?.name
}

private func simplified(_ text: String) -> [Unicode.Scalar] {
  text.lowercased().unicodeScalars.filter { $0 != "-" && $0 != "_" && $0 != " " }
}

/// Changes, insertions, deletions and swaps of neighbours that turn one into the other (optimal string alignment).
func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, beforeLast[j - 1] + 1) }
      row.append(least)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
