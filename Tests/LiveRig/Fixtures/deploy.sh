#!/bin/sh
# What the commands of a deployer do for a real platform, here for two places on this machine.
#
#   deploy.sh FOLDER BLUE_PORT GREEN_PORT start|health|stop
#
# HEADGATE_SLOT says which place, HEADGATE_VERSION which version. FOLDER/SLOT.pid has the number of what runs there.
folder=$1
case $HEADGATE_SLOT in
  blue) port=$2 ;;
  green) port=$3 ;;
  *) echo "HEADGATE_SLOT is \"$HEADGATE_SLOT\", neither blue nor green" >&2; exit 78 ;;
esac
file=$folder/$HEADGATE_SLOT.pid

end() {
  [ -e "$file" ] || return 0
  read -r pid <"$file"
  rm -f "$file"
  kill "$pid" 2>/dev/null || return 0
  while kill -s 0 "$pid" 2>/dev/null && ! grep -qs '^State:.Z' "/proc/$pid/status"; do sleep 0.05; done
}

case $4 in
  start)
    end
    python3 "$(dirname "$0")/service.py" "$HEADGATE_VERSION" "$port" >"$folder/$HEADGATE_SLOT.log" 2>&1 </dev/null &
    echo $! >"$file"
    ;;
  health)
    python3 -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/healthz', timeout=2)" 2>/dev/null ||
      { echo "$HEADGATE_VERSION does not answer yet"; exit 75; }
    ;;
  stop) end ;;
  *) echo "\"$4\" is none of start, health, stop" >&2; exit 64 ;;
esac
