import Foundation

extension StoreFile {
  /// Makes the file, when there is none, so that nobody but its owner reads or writes it, before anything is in it. SQLite
  /// gives the files beside it the same rights. One that is there keeps the rights that somebody gave it.
  ///
  /// What goes wrong here goes wrong again when SQLite opens the file, which has the better words for it.
  static func makePrivate(_ path: String) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor >= 0 { close(descriptor) }
  }

  /// The rights of a file, for one that belongs to it; those of a private one when there is no such file.
  static func mode(of path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o666 : 0o600
  }
}
