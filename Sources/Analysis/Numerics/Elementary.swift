#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

// The functions of the C library that the statistics rest on, by one name on every platform. `lgamma` is not among them:
// it keeps the sign of its result in a global variable; `Special.logGamma` stands in its place.

@inline(__always) func ln(_ x: Double) -> Double { log(x) }
/// ln(1 + x), exact near 0.
@inline(__always) func ln1p(_ x: Double) -> Double { log1p(x) }
@inline(__always) func exponential(_ x: Double) -> Double { exp(x) }
/// eˣ − 1, exact near 0.
@inline(__always) func exponentialLess1(_ x: Double) -> Double { expm1(x) }
@inline(__always) func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
@inline(__always) func complementaryError(_ x: Double) -> Double { erfc(x) }
