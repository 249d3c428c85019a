// SPDX-License-Identifier: Apache-2.0

/// What runs as a node's init, below tini, which reaps and passes TERM on.
///
/// runit's own `runsvdir` looks for new services every five seconds only; this does the same for a name written to a pipe, at once. TERM
/// takes the services down and ends when they are.
enum NodeInit {
    static let control = "/run/impresario/control"

    static let script = """
        #!/bin/sh
        # Runs a supervisor (runsv) for each folder of /etc/impresario/service, and for each name that is written to the pipe.
        if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
            # cgroup v2: a group that gives controllers to its children may hold no processes itself.
            mkdir -p /sys/fs/cgroup/init && echo 0 > /sys/fs/cgroup/init/cgroup.procs
            echo $PPID > /sys/fs/cgroup/init/cgroup.procs
            for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
                echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
            done 2>/dev/null
        fi
        mkdir -p -m 755 /run/lock /run/impresario
        supervise() {
            # A supervisor that was killed is started again, as long as its service is declared.
            while [ -d "/etc/impresario/service/$1" ]; do runsv "/etc/impresario/service/$1"; sleep 0.2; done
        }
        finish() {
            trap '' TERM INT HUP
            sv -w 3600 stop /etc/impresario/service/* >/dev/null 2>&1
            exit 0
        }
        trap finish TERM INT HUP
        for folder in /etc/impresario/service/*/; do
            if [ -d "$folder" ]; then supervise "$(basename "$folder")" & fi
        done
        rm -f /run/impresario/control.new /run/impresario/control
        mkfifo -m 600 /run/impresario/control.new
        exec 3<>/run/impresario/control.new
        mv /run/impresario/control.new /run/impresario/control
        while :; do
            if read -r name <&3; then supervise "$name" & fi
        done
        """
}
