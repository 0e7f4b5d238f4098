extension Form {
  /// Forms of a scalar keep the place it was written at.
  var located: Form<Located<Value>> {
    Form<Located<Value>>(shape) { [read] node, reader in
      read(node, reader).map { Located($0, at: node.place) }
    }
  }

  /// At least one value; a single one may stand without brackets.
  var list: Form<[Value]> {
    Form<[Value]>(.either([.list(shape), shape])) { [read] node, reader in
      guard case .list(let nodes) = node.content else { return read(node, reader).map { [$0] } }
      if nodes.isEmpty {
        reader.sink.error("an empty list", at: node.place, help: "name at least one, or leave the key out")
      }
      return nodes.compactMap { read($0, reader) }
    }
  }

  /// Names of the author's choice, each with a value, in the order they are written.
  var named: Form<[Named<Value>]> {
    Form<[Named<Value>]>(.map(shape)) { [read] node, reader in
      guard case .map(let entries) = node.content else {
        reader.sink.error("a mapping from names is wanted here, not \(node.noun)", at: node.place)
        return nil
      }
      return entries.compactMap { entry in
        guard reader.isIdentifier(entry.key), let value = read(entry.value, reader) else {
          reader.unread.insert(entry.key.value)
          return nil
        }
        return Named(name: entry.key, value: Located(value, at: entry.value.place))
      }
    }
  }
}

extension Form {
  /// Keeps whether anything in it could not be read.
  var watched: Form<Watched<Value>> {
    Form<Watched<Value>>(shape) { [read] node, reader in
      let earlier = reader.sink.errors
      return read(node, reader).map { Watched(value: $0, isWhole: reader.sink.errors == earlier) }
    }
  }
}

/// A value, and whether all of it could be read.
struct Watched<Value> {
  var value: Value
  var isWhole: Bool
}

/// A value under a name of the author's choice.
struct Named<Value> {
  var name: Located<String>
  var value: Located<Value>
}
