#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every guard dies once: take each check of tests/mutants out of a copy of the tree, and
# show the test that fails. A mutant that lives, one that does not compile and an
# expression that changes nothing are failures.
#
# ./dev mutate; MUTANT=WORD tries those only in whose line it is. BUILDDIR is a configured
# build.
set -euo pipefail
cd "${SRCDIR:-$(dirname "$0")/..}"
SRCDIR=$PWD
: "${BUILDDIR:=$SRCDIR/build}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mutants()
{
	cat <<'END'
gate/gate.c | s/if (!annotations_check([^;]*$/if (0 \&\& !annotations_check(arena, gate, config.annotations, \&ret->request.subject,/ | annotations are not looked at | tests/bats/annotations.bats | are refused, by key
oci/unsafe.c | /"run.oci.", NULL/d | keys of crun that are not known | tests/bats/annotations.bats | are refused, by key
oci/unsafe.c | s/!value_fits(row->value, member->text)/false/ | the values of harmless keys | tests/bats/annotations.bats | are refused, by key
gate/annotations.c | s/if (!unknown)$/if (true)/ | the runtime's own list | tests/bats/annotations.bats | lists as unsafe
gate/features.c | s/!text_eq(cache.file, runtime)/false/ | a list belongs to one file | tests/bats/annotations.bats | lists as unsafe
policy/acl.c | /names_match(arena, &rule->annotations, key)/{n;s/rule_applies(arena, rule, node, subject)/true/} | a rule has to apply | tests/bats/annotations.bats | a rule that applies
oci/keys.c | s/if (engine)$/if (0)/ | a sandbox by the engine's own key | tests/live/podman.bats | not believed
oci/keys.c | s/if (!engine)$/engine = engine_at(0); if (0)/ | a subject by the engine's own keys | tests/live/podman.bats | not believed
oci/keys.c | s/if (value && !request.sandbox)/if (value)/ | a sandbox asks for nothing | tests/live/cri.bats | pause container
runtime/container.c | s/if (folder && state && !same_file(link->target, state))/if (0)/ | the runtime agrees with the link | tests/bats/exec.bats | believed only where
runtime/container.c | s/if (is_untouched(&bundle, link) &&/if (/ | the file is the one that powerbox left | tests/bats/exec.bats | others can have made
runtime/container.c | s/return text_eq(outcome.text, text) ||/return true ||/ | f(x) = x | tests/bats/exec.bats | asked for as the runtime
runtime/container.c | s/(linked || is_decided(arena/(true || is_decided(arena/ | only what powerbox created | tests/bats/exec.bats | asked for as the runtime
runtime/links.c | s/st.st_uid != 0)/0)/ | a link is root's | tests/bats/exec.bats | others can have made
runtime/main.c | s/!strcmp(invocation->command->name, "delete")/0/ | delete removes the link | tests/bats/exec.bats | delete removes
runtime/enter.c | /invocation_drop(invocation, "cap");/d | --cap | tests/bats/exec.bats | normal form
runtime/enter.c | s/else if (no_new_privileges)/else if (false)/ | crun's noNewPrivileges | tests/bats/exec.bats | normal form
runtime/enter.c | /invocation_drop(invocation, "no-new-privs");/d | --no-new-privs | tests/bats/exec.bats | new privileges
oci/process.c | /{ "capabilities", sections->capabilities },/d | the sets of a process file | tests/bats/exec.bats | normal form
oci/process.c | /{ "noNewPrivileges", sections->no_new_privileges },/d | its noNewPrivileges | tests/bats/exec.bats | normal form
runtime/state.c | s/!is_path(bundle->text)/false/ | a state's bundle is absolute | tests/bats/exec.bats | strange one
lib/ask.c | s/return wait.revents != 0;/return true;/ | a runtime that does not answer | tests/bats/exec.bats | strange one
runtime/main.c | s/protect_check(arena,/true || protect_check(arena,/ | powerbox's own files | tests/bats/doors.bats | could write to powerbox
gate/protect.c | s/bool beneath = .*/bool beneath = false;/ | what is beneath a folder | tests/bats/doors.bats | could write to powerbox
gate/protect.c | s/bool above = is_on(&target->way, top);/bool above = same(top, end);/ | the folders above | tests/bats/doors.bats | could write to powerbox
gate/protect.c | s/!exposure->read_only || protection->remounts/!exposure->read_only/ | remounts | tests/bats/doors.bats | remounts
gate/protect.c | s/return above && exposure->recursive/return false \&\& exposure->recursive/ | mounts beneath a read-only one | tests/bats/doors.bats | beneath a read-only
gate/protect.c | s/"upperdir=", "workdir="/"lowerdir="/ | an overlay's upper folder | tests/bats/doors.bats | overlays
runtime/change.c | s/if (!text_is(m->key, "devices"))/if (false)/ | a key that reads as devices | tests/bats/doors.bats | and no devices
runtime/change.c | s/(own && same_value(devices, own))/true/ | devices of the container's own | tests/bats/doors.bats | and no devices
runtime/change.c | s/if (!outcome.decision.mounts)/if (false)/ | a rule says mounts | tests/bats/doors.bats | mounts: refused
runtime/change.c | s/return protect_check_mounts(.*/return true || protect_check_mounts(arena, root, bundle, finder->node, err);/ | own files in mounts | tests/bats/doors.bats | mounts: refused
runtime/main.c | s/outcome_restores(outcome, &why)/true/ | a rule says restore | tests/bats/doors.bats | restore: refused
gate/protect.c | s/node->audit == AUDIT_REQUIRED/false/ | the log that is required | tests/bats/decisions.bats | could write to the log
gate/record.c | s/if (record->node->audit != AUDIT_REQUIRED)/if (true)/ | the log is required | tests/bats/decisions.bats | something else in its place
gate/record.c | s/if (record->node->audit == AUDIT_NONE)/if (false)/ | nobody asked for the log | tests/bats/decisions.bats | nobody asked
gate/record.c | s/if (!why || record->warned)/if (true)/ | nothing is granted where it is refused | tests/bats/decisions.bats | what was refused and why
lib/append.c | s/O_CREAT | O_NOFOLLOW/O_CREAT/ | a link in the log's place | tests/bats/decisions.bats | something else in its place
lib/append.c | s/file->stat.st_nlink != 1/false/ | a second name of the log | tests/bats/decisions.bats | something else in its place
lib/append.c | s/!S_ISREG(file->stat.st_mode)/false/ | a FIFO in the log's place | tests/bats/decisions.bats | something else in its place
lib/append.c | s/return trust_check(file->path, &file->stat, err);/return true;/ | a log that others can write | tests/bats/decisions.bats | something else in its place
lib/append.c | s/if (is_torn(&file))/if (false)/ | a line that was cut off | tests/bats/decisions.bats | a kill while
lib/append.c | s/if ((size_t)n == line.length)/if (n > 0)/ | a line that was written in part | tests/bats/decisions.bats | a full disk
lib/append.c | s/(O_RDWR | O_APPEND/(O_RDWR/ | the end of the file is the kernel's to find | tests/bats/decisions.bats | two hundred
cli/breakage.c | s/patterns ? literal(out->arena, texts->items\[i\])/patterns ? texts->items[i]/ | an image's stars | tests/bats/decisions.bats | powerbox report
cli/decisions.c | s/rest = last_start(line);/rest = line;/ | a decision behind a broken line | tests/bats/decisions.bats | broken lines
gate/gate.c | s/verdict->outgrown = !holds;/holds = true;/ | a profile that has grown | tests/bats/approve.bats | comes to grant more
gate/approval.c | s/policy_difference(arena, now, &approved, &added, err)/policy_difference(arena, \&approved, now, \&added, err)/ | what is more and what is less | tests/bats/approve.bats | comes to grant more
policy/acl.c | s/!rule->has_approved && ground.path/ground.path/ | an approval is no plain rule | tests/bats/approve.bats | comes to grant more
policy/acl.c | s/rule->warn && rule_applies(arena, rule, node, subject)/rule->warn/ | a rule in mode warn has to apply | tests/bats/acl.bats | create:
runtime/container.c | s/return gate_mode_for(arena, finder->gate, &found.config);/return acl_mode(finder->gate->acl);/ | the mode of a container that is there | tests/bats/acl.bats | exec, update
gate/snapshot.c | s/!st.st_uid;$/true;/ | links of a ConfigMap are root's | tests/bats/acl.bats | ConfigMap
cli/approved.c | s/flock(dir, [^)]*)/flock(dir, LOCK_UN)/ | the lock of approvals | tests/bats/approve.bats | twenty
END
}

# The copy has the build's objects, so that a mutant costs a few files.
mkdir "$scratch/tree"
tar -C "$SRCDIR" --exclude=./.git --exclude=./build -cf - . | tar -C "$scratch/tree" -xf -
mkdir "$scratch/build"
(cd "$scratch/build" && "$scratch/tree/configure" -q && make -s -j2) >"$scratch/log" 2>&1 || {
	tail -n 20 "$scratch/log"
	exit 1
}

count=0 lived=0

# verdict WORD WHAT: of the mutant that is tried.
verdict()
{
	count=$((count + 1))
	if [[ $1 == killed ]]; then
		echo "ok $count - $2"
	else
		lived=$((lived + 1))
		echo "not ok $count - $1: $2"
	fi
}

# killed TEST FILTER: whether the test fails, and its first failure in $scratch/log.
killed()
{
	local run=("$scratch/build/$1")

	[[ $1 != *.bats ]] || run=(bats --tap -f "$2" "$scratch/tree/$1")
	if BUILDDIR=$scratch/build SRCDIR=$scratch/tree timeout 300 "${run[@]}" >"$scratch/log" 2>&1; then
		return 1
	fi
}

try()
{
	local file=$1 expression=$2 what=$3 test=$4 filter=${5-} targets

	cp "$SRCDIR/$file" "$scratch/original"
	sed -i "$expression" "$scratch/tree/$file"
	if cmp -s "$scratch/original" "$scratch/tree/$file"; then
		verdict "nothing changed" "$file: $what"
		return
	fi
	targets=(powerbox powerbox-runtime powerbox-hook)
	[[ $test == *.bats ]] || targets=("$test")
	if ! make -s -C "$scratch/build" -j2 CFLAGS='-O1 -w' "${targets[@]}" >"$scratch/log" 2>&1; then
		verdict "does not compile" "$file: $what"
	elif killed "$test" "$filter"; then
		verdict killed "$file: $what ($(sed -n 's/^not ok [0-9]* //p' "$scratch/log" | head -n 1))"
	else
		verdict lives "$file: $what"
	fi
	cp "$scratch/original" "$scratch/tree/$file"
}

mutants()
{
	grep -v '^#' "$SRCDIR/tests/mutants" | { grep -F -e "${MUTANT-}" || true; }
}

# Only where all is well without a mutant, a test that fails shows something.
while IFS= read -r test; do
	filter=.
	[[ $test == *.bats ]] || make -s -C "$scratch/build" -j2 "$test" >"$scratch/log" 2>&1
	if killed "$test" "$filter" </dev/null; then
		cat "$scratch/log"
		exit 1
	fi
done < <(mutants | awk -F ' \\| ' '{ print $4 }' | sort -u)
while IFS= read -r line; do
	mapfile -t fields <<<"${line// | /$'\n'}"
	try "${fields[@]}" </dev/null
done < <(mutants)
echo "1..$count"
((lived == 0))
