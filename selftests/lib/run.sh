#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# usage: run.sh FOLDER/NAME...
#
# Runs tests with kselftest's own runner, a folder at a time, in the order given.
# The runner wants all tests of a folder in one place: a scratch folder gets a
# small program for each, which starts the real one through one.sh.

selftests=$(realpath "$(dirname "$0")/..")
BASE_DIR=$(mktemp -d "${TMPDIR:-/tmp}/xl4-run.XXXXXX")
trap 'rm -rf "$BASE_DIR"' EXIT
export PYTHONPATH=$selftests/lib PYTHONDONTWRITEBYTECODE=1

# program FOLDER/NAME: the file to run.
program() {
	local file
	for file in "$selftests/$1".{py,sh} "$selftests/../build/selftests/$1"; do
		[ ! -x "$file" ] || { echo "$file"; return; }
	done
	echo "$selftests/$1"
}

ln -s "$KSFT/kselftest" "$BASE_DIR/kselftest"
for test in "$@"; do
	folder=$BASE_DIR/${test%/*}
	mkdir -p "$folder"
	printf '#!/bin/sh\nexec %q %q\n' "$selftests/lib/one.sh" "$(program "$test")" >"$folder/${test#*/}"
	chmod +x "$folder/${test#*/}"
	[ ! -e "$selftests/${test%/*}/settings" ] || cp "$selftests/${test%/*}/settings" "$folder"
done

# shellcheck source=/dev/null
. "$KSFT/kselftest/runner.sh"
# Read by the runner; a folder's file 'settings' may say timeout=SECONDS. In virtual time an
# hour is nothing, and who hangs is at the end of a month at once.
# shellcheck disable=SC2034
if [ "${XL4_TIME:-}" = virtual ]; then
	kselftest_default_timeout=2592000
else
	kselftest_default_timeout=${XL4_TEST_SECONDS:-600}
fi

for folder in $(printf '%s\n' "${@%/*}" | uniq); do
	names=()
	for test in "$@"; do
		[ "${test%/*}" != "$folder" ] || names+=("${test#*/}")
	done
	cd "$BASE_DIR/$folder" && run_many "${names[@]}"
done
