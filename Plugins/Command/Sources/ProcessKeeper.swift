/// The shell program that keeps a server running: starts it, and starts it again with a growing pause when it ends.
///
/// It is the command of a `LongCommand`, so it leads a process group, goes on when the controller is killed, and all of
/// the group ends with it. It leaves in the folder of its key:
///
/// | file | what |
/// |---|---|
/// | `app` | the mark of the server that runs now, or ran last |
/// | `deaths` | how often in a row it ended within a minute of its start, and its last exit status |
///
/// Whoever sees the server healthy makes the file `ready` there. Without it the program gives up at the third death in a
/// row. Asked to end, it waits until all of the group has ended.
enum ProcessKeeper {
  /// Deaths in a row before it was ever ready that make a version a failed one.
  static let patience = 3

  /// The text for `/bin/sh -c`; its first line names `command` in messages.
  static func text(of command: String, folder: String) -> String {
    "# \(brief(command))\nset -- \(quoted(folder)) \(quoted(command)) \(patience)\n\(program)"
  }

  /// The word as the shell reads it back, whatever is in it.
  static func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  private static let program = """
    dir=$1 command=$2 patience=$3 stopped= deaths=0 pause=1
    trap 'stopped=1' TERM
    read -r boot </proc/sys/kernel/random/boot_id

    uptime() { read -r up rest </proc/uptime; up=${up%.*}; }

    mark() {
      read -r line 2>/dev/null <"/proc/$1/stat" || return 1
      set -- "$1" ${line##*) }
      echo "$1 ${21} $boot"
    }

    others() {
      others=
      for stat in /proc/[0-9]*/stat; do
        read -r line 2>/dev/null <"$stat" || continue
        pid=${line%% *}
        set -- ${line##*) }
        [ "$3" = "$$" ] && [ "$pid" != "$$" ] && [ "$1" != Z ] && others="$others $pid"
      done
      [ -n "$others" ]
    }

    finish() {
      while others; do sleep 0.05; done
      exit 143
    }

    while :; do
      [ -z "$stopped" ] || finish
      uptime
      begun=$up
      /bin/sh -c "$command" </dev/null & app=$!
      mark "$app" >"$dir/app.new" && mv "$dir/app.new" "$dir/app"
      [ -z "$stopped" ] || kill -s TERM "$app" 2>/dev/null
      wait "$app"
      status=$?
      [ -z "$stopped" ] || finish
      uptime
      if [ $((up - begun)) -ge 60 ]; then deaths=0 pause=1; fi
      deaths=$((deaths + 1))
      echo "$deaths $status" >"$dir/deaths.new" && mv "$dir/deaths.new" "$dir/deaths"
      # What is left of it may hold its port.
      if others; then kill -s KILL $others 2>/dev/null; fi
      if [ ! -e "$dir/ready" ] && [ "$deaths" -ge "$patience" ]; then exit 1; fi
      sleep "$pause"
      pause=$((pause * 2))
      [ "$pause" -le 30 ] || pause=30
    done
    """
}
