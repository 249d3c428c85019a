#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The swarm that the product makes by one call, made by hand: what there is to be compared with. Same roots, sizes, disks, network, daemons and
# endpoint; whatever can be done at once is done at once, and what can be laid into a node's disk is there before it starts.
#
# Usage: by-hand.sh FOLDER SKELETON [CACHE]
#   FOLDER    on a disk; the nodes' disks are made in it
#   SKELETON  a node's lower root directory, as a broker made it
#   CACHE     where brokers keep unpacked packages; filled by a broker's first swarm
# Prints how long it took, as `seconds N`, and takes everything away again. TRACE=1 tells on the way what was reached when.
set -euo pipefail
shopt -s nullglob
umask 022
export LC_ALL=C

begin=${EPOCHREALTIME/./}
folder=$(realpath "${1:?usage: by-hand.sh FOLDER SKELETON [CACHE]}")
skeleton=$(realpath "${2:?usage: by-hand.sh FOLDER SKELETON [CACHE]}")
cache=${3:-/var/cache/impresario}

name=by-hand-$$ table=by_hand_$$ uplink=byh$$
work=$folder/$name
network=10.223.0 managers=(manager-0) workers=(worker-0 worker-1)
nodes=("${managers[@]}" "${workers[@]}")
declare -A address=([manager-0]=$network.2 [worker-0]=$network.3 [worker-1]=$network.4)
link=169.254.$((100 + $$ % 60)).$((($$ / 60 % 60) * 4))
outside=${link%.*}.$((${link##*.} + 1)) inside=${link%.*}.$((${link##*.} + 2))
port=$((30000 + $$ % 2000))
cpu=500 memory=$((512 << 20)) disk=$((4 << 30))

container() { runc --root "$work/runc" "$@"; }
in_node() { container exec "$name-$1" "${@:2}"; }
elapsed() { local us=$((${EPOCHREALTIME/./} - begin)); printf '%d.%06d' $((us / 1000000)) $((us % 1000000)); }
reached() { [ -z "${TRACE:-}" ] || echo "$(elapsed) $*" >&2; }
wait_for() { until [ -e "$1" ]; do [ ! -e "$work/stop" ] || return 1; sleep 0.01; done; } # file; not when it all ends

finish() {
    local status=$?
    trap '' INT TERM
    trap - EXIT
    set +e
    # Jobs see this and end; killing them would leave their children.
    touch "$work/stop" 2>/dev/null
    wait
    for node in "${nodes[@]}"; do { [ ! -d "$work/runc/$name-$node" ] || container delete --force "$name-$node"; } & done
    wait
    for node in "${nodes[@]}" fabric; do { [ ! -e "/run/netns/$name-$node" ] || ip netns delete "$name-$node"; } & done
    wait
    [ ! -e "/sys/class/net/$uplink" ] || ip link delete "$uplink"
    nft delete table inet "$table" 2>/dev/null
    for group in $(find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -name "$name"); do find "$group" -depth -type d -exec rmdir {} ';'; done
    for image in "$work"/*/disk.img; do
        for _ in {1..250}; do [ -n "$(losetup --noheadings --associated "$image")" ] || break; sleep 0.02; done
    done
    rm -rf "$work"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$work"

newest() { for layer in $(ls -td "$cache"/layers/*/); do [ ! -e "$layer$1" ] || { echo "${layer%/}"; return; }; done; }
engine=$(newest usr/sbin/dockerd) base=$(newest usr/bin/runsv)
[ -n "$engine" ] && [ -n "$base" ] || { echo "error: $cache holds no unpacked packages; let a broker make a swarm first." >&2; exit 1; }

# The network: bridge and firewall in a namespace of their own, one link to the machine, a namespace for each node.
make_network() {
    ip netns add "$name-fabric"
    ip -batch - <<END
link add $uplink type veth peer name uplink netns $name-fabric
address add $outside/30 dev $uplink
END
    ip -n "$name-fabric" -batch - <<END
link add br0 type bridge
address add $network.1/24 dev br0
address add $inside/30 dev uplink
link set lo up
link set br0 up
link set uplink up
END
    for node in "${nodes[@]}"; do
        ip netns add "$name-$node"
        ip -n "$name-fabric" -batch - <<END
link add v-$node type veth peer name eth0 netns $name-$node
link set v-$node master br0
link set v-$node up
END
        ip -n "$name-$node" -batch - <<END
link set lo up
address add ${address[$node]}/24 dev eth0
link set eth0 up
route add default via $network.1
END
    done
    ip netns exec "$name-fabric" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; exec nft -f -' <<END
table ip by_hand {
    map published { type inet_service : ipv4_addr . inet_service; elements = { $port : ${address[manager-0]} . 2376 }; }
    chain input { type filter hook input priority 0; policy drop; ip protocol icmp accept; ct state established,related accept; }
    chain forward {
        type filter hook forward priority 0; policy drop;
        iifname "br0" oifname "br0" accept
        iifname "br0" ip saddr != $network.0/24 drop
        ct state established,related accept
        iifname "uplink" ct status dnat accept
        iifname "br0" oifname "uplink" accept
    }
    chain prerouting { type nat hook prerouting priority -100; iifname "uplink" dnat ip to tcp dport map @published; }
    chain postrouting { type nat hook postrouting priority 100; oifname "uplink" masquerade; }
}
END
    echo 1 >"/proc/sys/net/ipv4/conf/$uplink/route_localnet"
    echo 1 >/proc/sys/net/ipv4/ip_forward
    nft -f - <<END
table inet $table {
    map published { type ipv4_addr . inet_service : ipv4_addr . inet_service; elements = { 127.0.0.1 . $port : $inside . $port }; }
    chain input { type filter hook input priority -5; iifname "$uplink" ct state established,related accept; iifname "$uplink" drop; }
    chain forward {
        type filter hook forward priority -5;
        iifname "$uplink" ip daddr 169.254.0.0/16 drop
        oifname "$uplink" ct state established,related accept
        oifname "$uplink" ct status dnat accept
        oifname "$uplink" drop
    }
    chain output { type nat hook output priority -100; dnat ip to ip daddr . tcp dport map @published; }
    chain postrouting {
        type nat hook postrouting priority 100;
        oifname "$uplink" ip saddr 127.0.0.0/8 masquerade
        oifname != "$uplink" ip saddr $inside masquerade
    }
}
END
    ip link set "$uplink" up
    ip -n "$name-fabric" route add default via "$outside"
}

# An authority, the endpoint's certificate and an empty revocation list.
make_certificates() {
    local to=$work/tls
    mkdir -p "$to"
    : >"$to/index"
    echo 01 >"$to/number"
    cat >"$to/ca.conf" <<END
[ca]
default_ca = own
[own]
database = $to/index
crlnumber = $to/number
default_md = sha256
default_crl_days = 3650
END
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$to/ca.key" -out "$to/ca.pem" -days 3650 -subj /CN=endpoint \
        -addext keyUsage=critical,keyCertSign,cRLSign
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$to/server.key" -subj /CN=manager-0 \
        -addext "subjectAltName=DNS:localhost,DNS:manager-0,IP:127.0.0.1,IP:${address[manager-0]}" -addext extendedKeyUsage=serverAuth |
        openssl x509 -req -CA "$to/ca.pem" -CAkey "$to/ca.key" -CAcreateserial -days 3650 -copy_extensions copy -out "$to/server.crt"
    openssl ca -gencrl -config "$to/ca.conf" -keyfile "$to/ca.key" -cert "$to/ca.pem" -out "$to/crl.pem"
    cat "$to/server.crt" "$to/server.key" >"$to/server.pem"
    touch "$to/made"
}

service() { # seed, name; the run script is on the input
    local to=$1/root/upper/etc/impresario/service/$2
    mkdir -p "$to/log" "$1/var/log/$2"
    cat >"$to/run"
    printf '#!/bin/sh\nexec svlogd -tt /var/log/%s\n' "$2" >"$to/log/run"
    chmod 700 "$to/run" "$to/log/run"
}

make_disk() { # node
    local seed=$work/$1/seed etc=$work/$1/seed/root/upper/etc
    mkdir -p "$etc" "$seed"/{root/work,usr/upper/sbin,usr/work,tmp,var/{cache,lib,local,log,mail,opt,spool,tmp}}
    chmod 1777 "$seed/tmp" "$seed/var/tmp"
    ln -s /run "$seed/var/run"
    ln -s /run/lock "$seed/var/lock"
    for layer in "$engine" "$base"; do cp -a --no-clobber "$layer/var/." "$seed/var"; done
    echo "$1" >"$etc/hostname"
    grep -v 'nameserver 127\.' /etc/resolv.conf >"$etc/resolv.conf" || true
    { echo 127.0.0.1 localhost; for peer in "${nodes[@]}"; do echo "${address[$peer]} $peer"; done; } >"$etc/hosts"
    for file in passwd group; do grep -v ^docker: "$skeleton/etc/$file" >"$etc/$file"; done
    echo docker:x:990: >>"$etc/group"
    echo swarm-endpoint:x:990:990::/nonexistent:/usr/sbin/nologin >>"$etc/passwd"
    for tool in iptables ip6tables; do [ -e "/usr/sbin/$tool" ] || ln -s "$tool-nft" "$seed/usr/upper/sbin/$tool"; done
    service "$seed" dockerd <<'END'
#!/bin/sh
exec 2>&1
rm -f /run/docker.pid
exec dockerd --host=unix:///var/run/docker.sock --group=docker --pidfile=/run/docker.pid --data-root=/var/lib/docker --storage-driver=overlay2 \
    --exec-opt=native.cgroupdriver=cgroupfs --default-address-pool=base=172.17.0.0/16,size=24 \
    --log-driver=json-file --log-opt=max-size=10m --log-opt=max-file=3
END
    if [ "$1" = manager-0 ]; then
        wait_for "$work/tls/made"
        install -d -o 990 -g 990 -m 755 "$etc/swarm-endpoint"
        install -o 990 -g 990 -m 600 -t "$etc/swarm-endpoint" "$work"/tls/{ca,server,crl}.pem
        cat >"$etc/swarm-endpoint/stunnel.conf" <<END
foreground = yes
pid =
syslog = no
debug = warning
socket = l:TCP_NODELAY=1
[docker]
accept = ${address[$1]}:2376
connect = /var/run/docker.sock
cert = /etc/swarm-endpoint/server.pem
CAfile = /etc/swarm-endpoint/ca.pem
CRLfile = /etc/swarm-endpoint/crl.pem
requireCert = yes
verifyChain = yes
sslVersionMin = TLSv1.2
sessionResume = no
renegotiation = no
TIMEOUTidle = 43200
TIMEOUTclose = 43200
END
        service "$seed" swarm-endpoint <<'END'
#!/bin/sh
exec 2>&1
exec setpriv --reuid=swarm-endpoint --regid=990 --init-groups -- stunnel4 /etc/swarm-endpoint/stunnel.conf
END
    fi
    truncate -s "$disk" "$work/$1/disk.img"
    mkfs.ext4 -q -F -m 0 -J size=16 -E lazy_itable_init=1,lazy_journal_init=1,nodiscard -d "$seed" "$work/$1/disk.img"
    rm -rf "$seed"
}

# Everything an engine needs, less what reaches past the node.
capabilities=$(setpriv --dump | sed -n 's/^Capability bounding set: //p' | tr , '\n' |
    grep -vxE 'sys_module|sys_time|sys_boot|sys_rawio|dac_read_search' | sed 's/.*/"CAP_\U&"/' | paste -sd,)
swap=
[ ! -e /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes ] && [ ! -e /sys/fs/cgroup/cgroup.controllers ] || swap=", \"swap\": $memory"

configuration() { # node
    local at=$work/$1
    cat <<END
{"ociVersion": "1.0.2", "hostname": "$1", "root": {"path": "$at/root"},
 "process": {"user": {"uid": 0, "gid": 0}, "cwd": "/", "args": ["/usr/bin/tini", "--", "/etc/impresario/init"],
  "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", "TERM=dumb"],
  "capabilities": {"bounding": [$capabilities], "effective": [$capabilities], "permitted": [$capabilities], "inheritable": [$capabilities]}},
 "mounts": [
  {"destination": "/proc", "type": "proc", "source": "proc"},
  {"destination": "/usr", "type": "overlay", "source": "overlay",
   "options": ["lowerdir=$engine/usr:$base/usr:/usr", "upperdir=$at/disk/usr/upper", "workdir=$at/disk/usr/work"]},
  {"destination": "/var", "type": "bind", "source": "$at/disk/var", "options": ["bind", "rw"]},
  {"destination": "/tmp", "type": "bind", "source": "$at/disk/tmp", "options": ["bind", "rw"]},
  {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev"]},
  {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "rw"]},
  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=16m"]},
  {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
   "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
  {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=64m"]},
  {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
  {"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "mode=755"]}],
 "linux": {"cgroupsPath": "/$name/$1", "rootfsPropagation": "rprivate",
  "namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}, {"type": "cgroup"},
   {"type": "network", "path": "/run/netns/$name-$1"}],
  "devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 438, "uid": 0, "gid": 0},
   {"path": "/dev/net/tun", "type": "c", "major": 10, "minor": 200, "fileMode": 438, "uid": 0, "gid": 0}],
  "resources": {
   "devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rwm"},
    {"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rwm"}, {"allow": true, "type": "c", "major": 5, "minor": 1, "access": "rwm"}],
   "memory": {"limit": $memory$swap}, "cpu": {"period": 100000, "quota": $((cpu * 100))}, "pids": {"limit": 4096}},
  "maskedPaths": [], "readonlyPaths": []}}
END
}

# Mounted in a namespace that only the node keeps: everything goes with it.
start_node() { # node
    local at=$work/$1
    mkdir -p "$at"/{disk,root}
    configuration "$1" >"$at/config.json"
    unshare --mount --propagation private sh -ec '
        cd "$1"
        mount -t ext4 -o loop,discard,noatime disk.img disk
        mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/disk/root/upper,workdir=$1/disk/root/work" root
        exec runc --root "$0/runc" run --detach --bundle "$1" "$3" </dev/null >"$1/start.log" 2>&1' \
        "$work" "$at" "$engine:$base:$skeleton" "$name-$1" || { cat "$at/start.log" >&2; return 1; }
}

# The engine listens before it answers: once its socket is there, one question waits for the answer.
engine_answers='i=0; until [ -S /run/docker.sock ]; do i=$((i + 1)); [ $i -lt 1000 ] || exit 1; sleep 0.03; done; exec docker info >/dev/null'

bring_up() { # node; the disk and the network are made beside each other
    make_disk "$1"
    wait_for "$work/network"
    start_node "$1"
    reached "$1 started"
    in_node "$1" sh -c "$engine_answers"
    reached "$1 answers"
    if [ "$1" = manager-0 ]; then
        in_node "$1" docker swarm init --advertise-addr "${address[$1]}" --availability drain \
            --default-addr-pool 10.16.0.0/12 --default-addr-pool-mask-length 24 >/dev/null
        in_node "$1" docker swarm join-token --quiet worker >"$work/token.new"
        mv "$work/token.new" "$work/token"
        reached "$1 began the swarm"
    else
        wait_for "$work/token"
        in_node "$1" docker swarm join --token "$(cat "$work/token")" --advertise-addr "${address[$1]}" \
            "${address[manager-0]}:2377" >/dev/null
        reached "$1 joined"
    fi
}

make_certificates >"$work/openssl.log" 2>&1 &
certificates=$!
jobs=()
for node in "${nodes[@]}"; do
    mkdir -p "$work/$node"
    bring_up "$node" &
    jobs+=($!)
done
make_network
touch "$work/network"
reached network
for job in "$certificates" "${jobs[@]}"; do wait "$job"; done
until [ "$(in_node manager-0 docker node ls --format '{{.Status}}' | grep -c Ready)" = ${#nodes[@]} ]; do
    [ $((${EPOCHREALTIME/./} - begin)) -lt 60000000 ] || { echo "error: the nodes did not become ready." >&2; exit 1; }
    sleep 0.05
done
reached ready
grep -qi ':0948 00000000:0000 0A' <(in_node manager-0 cat /proc/net/tcp) || { echo "error: the endpoint does not listen." >&2; exit 1; }
echo "seconds $(elapsed)"
