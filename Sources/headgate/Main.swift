import Commands

@main
struct Main {
  static func main() {
    Workshop.install { Wiring.workshop }
    Headgate.start()
  }
}
