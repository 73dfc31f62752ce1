/** The first process of an amphora: a shell that sets the namespaces up, starts the agent, starts it again, and reaps orphans. */

/** Standard error is the line to the driver until the amphora runs; these words on it are for the driver. */
export const words = { pid: 'weir:pid', ready: 'weir:ready' } as const;

/**
 * Called in the amphora's folder, in namespaces of its own but with the host's /proc still mounted, as
 * `sh -c <script> init <host name> <agent command …>`. Reads `go` and lines for iproute2 from standard input once the driver has
 * made the interfaces; ends at once when the driver dies before that. Sources and mount points are relative to the folder
 * because /run, where the state folder may be, is covered.
 */
export const initScript = `
set -eu
start_of() { shift 21; echo "$1"; }
read -r stat </proc/self/stat
read -r boot </proc/sys/kernel/random/boot_id
start=$(start_of $stat)
echo "\${stat%% *} $start $boot" >pid
echo "${words.pid} \${stat%% *}" >&2

mount -t proc proc /proc
mount -t sysfs sysfs /sys 2>/dev/null || true
mount -t tmpfs -o mode=0755,size=64m tmpfs /run
mkdir -p /run/netns /run/lock /run/rsyslog/octavia
hostname "$1"

# A mount point that the host does not have is lent by a layer over its parent.
place() {
  if [ ! -d "$2" ]; then
    mkdir -p "/run/weir$2"
    mount -t overlay -o "lowerdir=/run/weir\${2%/*}:\${2%/*}" overlay "\${2%/*}"
  fi
  mount -c --bind "$1" "$2"
}
place etc /etc/octavia
place lib /var/lib/octavia

read -r go || exit 1
[ "$go" = go ] || exit 1
ip -batch -
: >ready
echo "${words.ready}" >&2

exec </dev/null >>agent.log 2>&1
set +e
shift
while :; do
  [ "$(wc -c <agent.log)" -gt 8000000 ] && : >agent.log
  (cd / && exec "$@") &
  wait $!
  echo "the agent ended with $?, starting it again"
  sleep 1
done
`;
