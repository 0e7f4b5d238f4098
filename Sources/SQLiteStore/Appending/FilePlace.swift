import Foundation

/// Which file has a name, so that it is noticed when another one is put in its place.
struct FilePlace {
  private static let interval = Duration.milliseconds(500)

  private let path: String
  private let device: dev_t
  private let inode: ino_t
  private var nextLook = ContinuousClock.now
  private var wasLost = false

  /// `nil` where there is no file.
  init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (self.path, device, inode) = (path, status.st_dev, status.st_ino)
  }

  /// Whether the file still has its name.
  var isKept: Bool {
    var status = stat()
    return stat(path, &status) == 0 && (status.st_dev, status.st_ino) == (device, inode)
  }

  /// The same, looked at now and then only: cheap to ask at every step.
  mutating func isKeptNow() -> Bool {
    if wasLost { return false }
    guard ContinuousClock.now >= nextLook else { return true }
    nextLook = .now + Self.interval
    wasLost = !isKept
    return !wasLost
  }
}
