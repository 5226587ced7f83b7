#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Records the captures of this folder anew: real programs that talk between two network namespaces.
# Usage, as root on Linux: scenarios/captures/record.sh [FOLDER]   (default: the folder of this script)
# Needs ip, tc, ethtool, tcpdump, editcap, python3, curl, dnsmasq, dig, ping and openssl.
# Nothing leaves the two namespaces; they, every process and every scratch file are gone at the end.
set -eu

for tool in ip tc ethtool tcpdump editcap python3 curl dnsmasq dig ping openssl; do
  command -v "$tool" >/dev/null || { echo "record.sh: $tool is needed, and is not in PATH" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "record.sh: making network namespaces takes root" >&2; exit 1; }

folder=$(cd "${1:-$(dirname "$0")}" && pwd)
scratch=$(mktemp -d)
client=zbuf-client-$$
server=zbuf-server-$$
started=""

clean_up() {
  for pid in $started; do kill "$pid" 2>/dev/null || true; done
  ip netns del "$client" 2>/dev/null || true
  ip netns del "$server" 2>/dev/null || true
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# Runs a program in the server's namespace until the end of this script. Its process becomes the program
# itself ("ip netns exec" replaces itself), so that the id is the right one to end.
serve() {
  ip netns exec "$server" "$@" >"$scratch/server.log" 2>&1 &
  started="$started $!"
}

# Waits, at most five seconds, until a command succeeds.
until_true() {
  for _ in $(seq 50); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  echo "record.sh: this never came true: $*" >&2
  exit 1
}

in_client() { ip netns exec "$client" "$@"; }
listening() { [ -n "$(ip netns exec "$server" ss -Hln "sport = :$1")" ]; }

# start_recording FILE [TCPDUMP-OPTION...] FILTER: whole packets, as the client's interface sees them.
# Immediate mode, because else the last packets stay behind in the ring when tcpdump is told to end.
start_recording() {
  file=$1
  shift
  ip netns exec "$client" tcpdump -Z root -i eth0 -s 0 --immediate-mode -w "$file" "$@" 2>"$scratch/tcpdump.log" &
  recorder=$!
  started="$started $recorder"
  until_true grep -q 'listening on' "$scratch/tcpdump.log"
}
stop_recording() {
  sleep 0.5
  kill -INT "$recorder"
  wait "$recorder" || true
}

# A pair of interfaces at 20 Mbit/s, so that packets follow one another as on a line and not as in memory.
# Segmentation and checksums are left to the stack: what is recorded are the packets of the wire, at most
# 1514 bytes, with their checksums.
lay_cable() {
  ip netns add "$client"
  ip netns add "$server"
  ip link add eth0 netns "$client" type veth peer name eth0 netns "$server"
  for end in "$client 02:00:00:00:00:02 192.0.2.2 2001:db8::2" "$server 02:00:00:00:00:01 192.0.2.1 2001:db8::1"; do
    # shellcheck disable=SC2086 # four words
    set -- $end
    ip -n "$1" link set lo up
    ip -n "$1" link set eth0 address "$2"
    ip netns exec "$1" ethtool -K eth0 tso off gso off gro off tx off rx off >/dev/null
    ip -n "$1" link set eth0 up
    ip -n "$1" address add "$3/24" dev eth0
    ip -n "$1" address add "$4/64" dev eth0 nodad
    tc -n "$1" qdisc add dev eth0 root tbf rate 20mbit burst 3100 latency 500ms
  done
  sleep 2 # until the link-local addresses are settled and the router solicitations are over
}

forget_neighbours() {
  ip -n "$client" neighbour flush all
  ip -n "$server" neighbour flush all
}

record_http() {
  mkdir "$scratch/www"
  seq 1 30000 >"$scratch/www/numbers.txt"
  serve python3 -m http.server --protocol HTTP/1.1 --bind 192.0.2.1 --directory "$scratch/www" 80
  until_true listening 80
  forget_neighbours
  start_recording "$scratch/http-download.pcap" 'arp or tcp port 80'
  in_client curl -sS -o "$scratch/got" http://192.0.2.1/numbers.txt
  cmp "$scratch/got" "$scratch/www/numbers.txt"
  stop_recording
}

record_dns_and_ping() {
  serve dnsmasq --no-daemon --no-resolv --no-hosts --conf-file=/dev/null --user=root \
    --pid-file="$scratch/dnsmasq.pid" --listen-address=192.0.2.1,2001:db8::1 --bind-interfaces \
    --local=/lab.example/ --host-record=www.lab.example,192.0.2.80,2001:db8::80 \
    --host-record=mail.lab.example,192.0.2.25 --mx-host=lab.example,mail.lab.example,10
  until_true listening 53
  forget_neighbours
  start_recording "$scratch/dns-and-ping.pcap" 'arp or icmp or icmp6 or port 53'
  in_client dig @192.0.2.1 www.lab.example A >/dev/null
  in_client dig @192.0.2.1 www.lab.example AAAA >/dev/null
  in_client dig @192.0.2.1 lab.example MX >/dev/null
  in_client dig @192.0.2.1 nowhere.lab.example A >/dev/null
  in_client dig @2001:db8::1 mail.lab.example A >/dev/null
  in_client dig +tcp @192.0.2.1 www.lab.example A >/dev/null
  in_client ping -q -c 5 -i 0.2 192.0.2.1 >/dev/null
  in_client ping -q -6 -c 5 -i 0.2 2001:db8::1 >/dev/null
  in_client ping -q -c 2 -i 0.2 -s 3000 192.0.2.1 >/dev/null
  stop_recording
  editcap -F pcapng "$scratch/dns-and-ping.pcap" "$scratch/dns-and-ping.pcapng"
}

record_tls() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=www.lab.example \
    -keyout "$scratch/key.pem" -out "$scratch/certificate.pem" 2>/dev/null
  serve openssl s_server -accept 192.0.2.1:443 -www -key "$scratch/key.pem" -cert "$scratch/certificate.pem"
  until_true listening 443
  forget_neighbours
  start_recording "$scratch/tls-session.pcap" --time-stamp-precision=nano 'arp or tcp port 443'
  for version in -tls1_3 -tls1_2 -tls1_3; do
    printf 'GET / HTTP/1.0\r\n\r\n' | in_client timeout 5 openssl s_client -connect 192.0.2.1:443 \
      -servername www.lab.example "$version" -ign_eof >"$scratch/answer" 2>&1 || true
    grep -q '^HTTP/1.0 200' "$scratch/answer"
  done
  stop_recording
}

lay_cable
record_http
record_dns_and_ping
record_tls
cp "$scratch/http-download.pcap" "$scratch/dns-and-ping.pcapng" "$scratch/tls-session.pcap" "$folder/"
ls -l "$folder"/*.pcap "$folder"/*.pcapng
