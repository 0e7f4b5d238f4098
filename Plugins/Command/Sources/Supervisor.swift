/// The shell program that stands between a long command and whoever asked for it.
///
/// It is started in a session of its own, so it goes on when the controller is killed. Arguments: folder, limit in
/// seconds, `check` or `launch`, command. It leaves in the folder:
///
/// | file | what |
/// |---|---|
/// | `pid` | its own mark; made once by a hard link, so a second supervisor of the same folder stops at once |
/// | `group` | the mark of the command, leader of a process group of its own |
/// | `output`, `tail` | the first part of what was printed, and the last 8 KiB of what came after that |
/// | `timeout` | a line that says so, when it took too long |
/// | `status` | exit status, there only when the command has ended; made once by a hard link |
///
/// A `check` takes its children with it when it ends. A `launch` may leave servers behind: they keep running, and what
/// they print still goes to `output`.
enum Supervisor {
  static let program = """
    dir=$1 limit=$2 mode=$3 command=$4 path=$PATH
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    tools='
    read -r boot </proc/sys/kernel/random/boot_id

    mark() {
      read -r line <"/proc/$1/stat" || return 1
      set -- "$1" ${line##*) }
      echo "$1 ${21} $boot"
    }

    signal() { kill -s "$1" -- "-$2" 2>/dev/null || kill -s "$1" "$2" 2>/dev/null; }
    '
    eval "$tools"

    # In a session of its own, so that it can be ended together with its sleep. It may outlive a killed supervisor, and
    # by then the number may be another process: so it looks at the mark first.
    watch="$tools"'
    sleep "$2"
    while [ ! -e "$3/group" ]; do
      [ -d "$3" ] && kill -s 0 "$1" 2>/dev/null || exit
      sleep 0.05
    done
    read -r group <"$3/group"
    [ "$(mark "$1")" = "$group" ] || exit
    echo "it ran into its timeout and was ended" >"$3/timeout"
    signal TERM "$1"
    sleep 5
    signal KILL "$1"
    '

    end() { ln "$dir/ended" "$dir/status" 2>/dev/null; }

    supervise() {
      setsid env "PATH=$path" /bin/sh -c "$command" </dev/null 2>&1 & child=$!
      exec >/dev/null 2>&1
      mark "$child" >"$dir/group.new" && mv "$dir/group.new" "$dir/group"
      setsid /bin/sh -c "$watch" headgate-timer "$child" "$limit" "$dir" & timer=$!
      wait "$child"
      status=$?
      signal KILL "$timer"
      [ -e "$dir/timeout" ] && status=124
      [ "$mode" = check ] && signal KILL "$child"
      echo "$status" >"$dir/ended"
    }

    mark $$ >"$dir/pid.$$" && ln "$dir/pid.$$" "$dir/pid" 2>/dev/null
    claimed=$?
    rm -f "$dir/pid.$$"
    [ "$claimed" = 0 ] || exit 0
    if [ "$mode" = launch ]; then
      supervise >"$dir/output"
      end
    else
      {
        supervise
        for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$dir/status" ] || sleep 0.2; done
        end
      } | {
        dd bs=4096 count=4096 of="$dir/output" 2>/dev/null
        tail -c 8192 >"$dir/tail"
        end
      }
    fi
    """
}
