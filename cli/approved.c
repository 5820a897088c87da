/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/approved.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "gate/snapshot.h"
#include "lib/digest.h"
#include "lib/trust.h"
#include "oci/edit.h"

/* How long others may hold the lock, in steps of 20 milliseconds. */
#define LOCK_TRIES 1000

static struct text rule_text(struct arena *arena, const struct approving *approving)
{
	struct text selectors = selectors_text(arena, &approving->selectors);
	struct buffer out = { .arena = arena };

	buffer_puts(&out, "{\n\t\t\t\"allow\": [");
	buffer_json(&out, approving->profile);
	buffer_puts(&out, "]");
	buffer_add(&out, selectors.bytes, selectors.length);
	buffer_puts(&out, ",\n\t\t\t\"approved\": {\n\t\t\t\t\"who\": ");
	buffer_json(&out, approving->who);
	buffer_puts(&out, ",\n\t\t\t\t\"when\": ");
	buffer_json(&out, approving->when);
	if (approving->why.length) {
		buffer_puts(&out, ",\n\t\t\t\t\"why\": ");
		buffer_json(&out, approving->why);
	}
	buffer_puts(&out, ",\n\t\t\t\t\"what\": {\n\t\t\t\t\t");
	buffer_json(&out, approving->profile);
	buffer_puts(&out, ": ");
	buffer_add(&out, approving->what.bytes, approving->what.length);
	buffer_puts(&out, "\n\t\t\t\t}\n\t\t\t}\n\t\t}");
	return buffer_text(&out);
}

static struct text span(struct text file, const struct json *value)
{
	return (struct text){ file.bytes + value->start, value->end - value->start };
}

/* What a rule may say that is neither an approval nor whom it is for. */
static const char *const others[] = { "mode", "restore", "mounts", "annotations" };

static bool says_more(const struct json *rule)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (json_get(rule, others[i]))
			return true;
	return false;
}

/* That, as a rule of its own, so that it stays when the approval changes or goes. */
static struct text rest_text(struct approved *approved, const struct json *rule)
{
	struct selectors selectors = selectors_of_rule(approved->arena, rule);
	struct text whom = selectors_text(approved->arena, &selectors);
	struct buffer out = { .arena = approved->arena };

	buffer_puts(&out, "{");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		const struct json *value = json_get(rule, others[i]);
		struct text text;

		if (!value)
			continue;
		text = span(approved->file.text, value);
		buffer_printf(&out, "%s\n\t\t\t\"%s\": ", out.length > 1 ? "," : "",
			      others[i]);
		buffer_add(&out, text.bytes, text.length);
	}
	buffer_add(&out, whom.bytes, whom.length);
	buffer_puts(&out, "\n\t\t}");
	return buffer_text(&out);
}

/* A rule of several profiles becomes one of each. */
static void add_approval(struct approved *approved, const struct approval *approval)
{
	struct approved_rule *rule = arena_push(approved->arena, approved);
	struct approving same = {
		.profile = approval->profile,
		.selectors = selectors_of_rule(approved->arena, approval->rule),
		.who = approval->who,
		.when = approval->when,
		.why = approval->why,
		.what = span(approval->file, approval->what),
	};

	rule->approval = *approval;
	rule->selectors = same.selectors;
	rule->text = json_get(approval->rule, "allow")->count == 1 &&
				     !says_more(approval->rule)
			     ? span(approval->file, approval->rule)
			     : rule_text(approved->arena, &same);
}

static void add_rules(struct approved *approved, const struct approvals *approvals)
{
	const struct json *rules = json_get(approved->root, "rules");
	struct text file = approved->file.text;

	for (const struct json *m = rules ? rules->first : NULL; m; m = m->next) {
		size_t before = approved->count;

		for (size_t i = 0; i < approvals->count; i++)
			if (approvals->items[i].rule->start == m->start)
				add_approval(approved, &approvals->items[i]);
		if (before == approved->count)
			arena_push(approved->arena, approved)->text = span(file, m);
		else if (says_more(m))
			arena_push(approved->arena, approved)->text =
				rest_text(approved, m);
	}
}

static bool read_file(struct approved *approved, int dir, struct error *err)
{
	struct arena *arena = approved->arena;
	struct acl *acl = acl_new(arena);
	struct approvals approvals;
	struct json *root;

	approved->exists = trust_read(arena, dir, APPROVAL_DIR, APPROVAL_NAME,
				      SNAPSHOT_FILE_MAX, &approved->file, err);
	if (!approved->exists)
		return err->code == ERR_NOINPUT;
	if (!acl_add(arena, acl, APPROVAL_FILE, approved->file.text, err) ||
	    !json_parse(arena, approved->file.text, &root, err))
		return false;
	approved->root = root;
	approvals = acl_approvals(arena, acl);
	add_rules(approved, &approvals);
	return true;
}

bool approved_look(struct arena *arena, struct approved *ret, struct error *err)
{
	struct approved approved = { .arena = arena, .dir = -1 };
	CLOSE int dir = -1;

	if (!trust_open_dir(arena, APPROVAL_DIR, &dir, err)) {
		*ret = approved;
		return err->code == ERR_NOINPUT;
	}
	if (!read_file(&approved, dir, err))
		return false;
	*ret = approved;
	return true;
}

static bool lock(int dir, struct error *err)
{
	const struct timespec step = { .tv_nsec = 20 * 1000 * 1000 };

	for (int i = 0; flock(dir, LOCK_EX | LOCK_NB) < 0; i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, "lock " APPROVAL_DIR);
		if (i == LOCK_TRIES)
			return error_set(err, ERR_IO,
					 "somebody else has been changing the approvals "
					 "for long (the lock of " APPROVAL_DIR
					 "); try again");
		nanosleep(&step, NULL);
	}
	return true;
}

static bool open_folder(struct arena *arena, int *ret, struct error *err)
{
	CLOSE int way = -1;

	if (mkdir(APPROVAL_DIR, 0755) < 0 && errno != EEXIST)
		return error_errno(err, "make " APPROVAL_DIR);
	if (!trust_open_dir(arena, APPROVAL_DIR, &way, err))
		return false;
	*ret = file_open(way, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret >= 0 || error_errno(err, "open " APPROVAL_DIR);
}

/* What is another's to make, a ConfigMap's, can't be changed here. */
static bool check_plain(int dir, struct error *err)
{
	struct stat st;

	if (fstatat(dir, APPROVAL_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISLNK(st.st_mode))
		return true;
	return error_set(err, ERR_CONFIG,
			 APPROVAL_FILE " is a link; change it where it is made");
}

bool approved_open(struct arena *arena, struct approved *ret, struct error *err)
{
	struct approved approved = { .arena = arena, .dir = -1 };

	if (geteuid())
		return error_set(err, ERR_TRUST,
				 "only root can change what is allowed here; --dry-run "
				 "shows what would be");
	if (open_folder(arena, &approved.dir, err) && lock(approved.dir, err) &&
	    check_plain(approved.dir, err) && read_file(&approved, approved.dir, err)) {
		*ret = approved;
		return true;
	}
	approved_close(&approved);
	return false;
}

void approved_close(struct approved *approved)
{
	close_cleanup(&approved->dir);
}

struct approved_rule *approved_find(const struct approved *approved, struct text profile,
				    const struct selectors *selectors)
{
	struct text wanted = selectors_text(approved->arena, selectors);

	for (size_t i = 0; i < approved->count; i++) {
		struct approved_rule *rule = &approved->items[i];

		if (profile.length && text_eq(rule->approval.profile, profile) &&
		    text_eq(selectors_text(approved->arena, &rule->selectors), wanted))
			return rule;
	}
	return NULL;
}

void approved_put(struct approved *approved, const struct approving *approving)
{
	struct approved_rule *rule =
		approved_find(approved, approving->profile, &approving->selectors);

	if (!rule)
		rule = arena_push(approved->arena, approved);
	*rule = (struct approved_rule){
		.approval = { .profile = approving->profile },
		.selectors = approving->selectors,
		.text = rule_text(approved->arena, approving),
	};
}

void approved_drop(struct approved *approved, const struct approved_rule *rule)
{
	size_t at = (size_t)(rule - approved->items);

	memmove(&approved->items[at], &approved->items[at + 1],
		(approved->count - at - 1) * sizeof(*approved->items));
	approved->count--;
}

/* The list of rules; everything around it stays. */
static struct text whole(const struct approved *approved)
{
	struct buffer rules = { .arena = approved->arena };
	struct member member = { .key = "rules" };
	struct edits edits = { 0 };

	buffer_puts(&rules, "[");
	for (size_t i = 0; i < approved->count; i++) {
		struct text text = approved->items[i].text;

		buffer_puts(&rules, i ? ",\n\t\t" : "\n\t\t");
		buffer_add(&rules, text.bytes, text.length);
	}
	buffer_puts(&rules, approved->count ? "\n\t]" : "]");
	if (!approved->root)
		return text_of(arena_printf(approved->arena,
					    "{\n\t\"version\": 1,\n\t\"rules\": %s\n}\n",
					    rules.bytes));
	member.value = buffer_text(&rules);
	edits_members(approved->arena, &edits, approved->root, &member, 1);
	return edits_apply(approved->arena, &edits, approved->file.text);
}

/* Read again before it is written: a gate must never find what it can't read. */
bool approved_save(const struct approved *approved, struct error *err)
{
	struct acl *acl = acl_new(approved->arena);
	struct text text = whole(approved);

	if (text.length > SNAPSHOT_FILE_MAX)
		return error_set(err, ERR_CONFIG,
				 APPROVAL_FILE " would be longer than %zu bytes; revoke "
					       "what is not needed",
				 SNAPSHOT_FILE_MAX);
	if (!acl_add(approved->arena, acl, APPROVAL_FILE, text, err) ||
	    !file_keep(approved->arena, approved->dir, APPROVAL_NAME,
		       approved->exists ? &approved->file : NULL, text, err))
		return error_in(err, APPROVAL_DIR);
	return true;
}

const char *approval_id(struct arena *arena, struct text profile,
			const struct selectors *selectors)
{
	struct digest digest = digest_start(arena);

	digest_add(&digest, profile);
	digest_add(&digest, selectors_text(arena, selectors));
	return arena_printf(arena, "@%.8s", strchr(digest_end(&digest), ':') + 1);
}
