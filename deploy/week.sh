#!/bin/sh
# The whole Monday: run, publish, deliver. Its settings come from the environment:
#   RIND_SOURCE    where the tables lie: a folder, a mapping, or the address of a database (may hold a password)
#   RIND_RESULTS   the folder of the results
#   RIND_PARAMS    a file with what differs from params.yaml; may be absent
#   RIND_STORE     the address of the results store; absent: nothing is published
#
# A week that lacks a part that only adds to the list (exit code 8) is published and delivered all the same, and says
# what it lacks. Any other failure of `rind run` ends the Monday: no week is published or sent that is not whole. So does one
# of `rind publish`: mails lead to pages, and these would show the week before. The exit code is that of the first command
# that failed; docs/scheduling.md says what each means. Called again, it puts the new run in the place
# of the published week, and sends nothing twice.
set -u
: "${RIND_SOURCE:?name the tables}" "${RIND_RESULTS:?name the folder of the results}"
export RIND_SOURCE

set --
[ -z "${RIND_PARAMS:-}" ] || set -- --params "$RIND_PARAMS"

rind run --out "$RIND_RESULTS" --notify "$@"
run=$?
[ "$run" -eq 0 ] || [ "$run" -eq 8 ] || exit "$run"

if [ -n "${RIND_STORE:-}" ]; then
    rind publish --dir "$RIND_RESULTS" "$@" || exit
fi

rind deliver --dir "$RIND_RESULTS" "$@" || exit
exit "$run"
