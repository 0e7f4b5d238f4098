/// A `systemctl` over files in its own folder, which speaks as systemd's does: a unit without a template is not found and
/// still shown with status 0, a stop of one is refused with 5, each start has an invocation of its own.
enum FakeSystemctl {
  static let script = """
    #!/bin/sh
    cd "${0%/*}" || exit 1
    verb=$1; shift
    for unit in "$@"; do :; done
    slot=${unit#*@}; slot=${slot%.service}
    dir=units/$unit
    load=not-found
    case $unit in shop@*.service) load=loaded; mkdir -p "$dir" ;; esac
    get() { if [ -e "$dir/$1" ]; then cat "$dir/$1"; else echo "$2"; fi; }
    put() { echo "$2" >"$dir/$1"; }
    case $verb in
    show)
      echo "ExecMainStatus=$(get status 0)"
      echo "Result=$(get result success)"
      echo "StatusText=$(get text '')"
      echo "LoadState=$load"
      echo "ActiveState=$(get active inactive)"
      echo "SubState=$(get sub dead)"
      [ -e "$dir/invocation" ] && echo "InvocationID=$(get invocation '')"
      exit 0 ;;
    start)
      [ "$load" = loaded ] || { echo "Failed to start $unit: Unit $unit not found." >&2; exit 5; }
      case $(get active inactive) in active|activating) exit 0 ;; esac
      . "./shop-$slot.env"
      echo "$HEADGATE_KEY" >>starts
      put invocation "$(tr -d - </proc/sys/kernel/random/uuid)"
      case $HEADGATE_VERSION in
      bad) put active failed; put sub failed; put result exit-code; put status 3; exit 0 ;;
      slow) put active activating; put sub start; put text 'reads its index' ;;
      *) put active active; put sub running ;;
      esac
      setsid sleep 600 </dev/null >/dev/null 2>&1 & put pid $! ;;
    stop)
      [ "$load" = loaded ] || { echo "Failed to stop $unit: Unit $unit not loaded." >&2; exit 5; }
      [ -e "$dir/pid" ] && kill "$(get pid '')" && rm "$dir/pid"
      [ "$(get active inactive)" = failed ] || { rm -f "$dir/text"; put active inactive; put sub dead; } ;;
    reset-failed)
      [ "$(get active inactive)" = failed ] && { put active inactive; put sub dead; put result success; }
      exit 0 ;;
    *) echo "Unknown command verb $verb." >&2; exit 1 ;;
    esac
    exit 0
    """
}
