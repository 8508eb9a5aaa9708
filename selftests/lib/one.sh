#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# usage: one.sh PROGRAM
#
# Runs one test in a session of its own and leaves none of its processes behind:
# who is left would keep the test's output open, and the runner waiting for it.

setsid "$1" </dev/null &
session=$!
trap 'pkill -KILL --session $session' EXIT
trap 'exit 124' TERM
wait $session
status=$?
exit $status
