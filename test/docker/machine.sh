#!/bin/bash
# machine.sh NAME: the first process of a machine. It only takes in the orphans of the others, as any first process.
ip link set lo up
hostname "$1"
echo ready
sleep infinity
exit
