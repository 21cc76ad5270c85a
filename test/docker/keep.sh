#!/bin/bash
# keep.sh FOLDER CGROUP: a network between machines, for as long as standard input is open. Whatever ends the test
# run ends the input, and then everything goes: the kernel kills all processes of a PID namespace with its first one,
# and what they had mounted and linked exists in namespaces that have no name.
unshare --net --mount --pid --fork --kill-child --mount-proc bash -ec '
  ip link set lo up
  ip link add br0 type bridge
  ip link set br0 up
  ip addr add 10.99.0.254/24 dev br0
  echo ready
  cat >/dev/null
  exit'
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  find /sys/fs/cgroup -depth -type d -path "*/$2*" -exec rmdir {} + 2>/dev/null
  rm -rf "$1" 2>/dev/null && [ -z "$(find /sys/fs/cgroup -type d -name "$2")" ] && exit
  sleep 0.2
done
