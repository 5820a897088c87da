/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_BREAKAGE_H
#define CLI_BREAKAGE_H

#include "cli/cli.h"
#include "cli/decisions.h"
#include "lib/stamp.h"

/*
 * What would have been without mode warn: refused, or started with less, or with more,
 * since the engine's --cap-drop counts no more than its --cap-add; put together per
 * image and container out of the decision log. What it needs does not grow with the log
 * but with the number of different containers, of which BREAKAGES_MAX are told apart.
 */
#define BREAKAGES_MAX 4096

/* One container, by what the engine says of it; by its id where that is nothing. */
struct breakage {
	struct subject subject;
	struct text id;
	char first[STAMP_LENGTH + 1], last[STAMP_LENGTH + 1]; /* times */
	const char *config;	 /* of the first one that tells; "": none does */
	uint64_t count, refused; /* decisions, and those that would have been refusals */
	struct texts requested;
	/* What a rule of the ACL would have to allow; and other reasons to refuse it. */
	struct texts profiles, annotations, reasons;
	struct texts missing; /* profiles that no rule could give: breakages_look() */
	/* What a rule would have to allow and can't: annotations ... */
	struct texts cut_off; /* whose names the log has cut off */
	bool more;	      /* for which the log had no room */
	/* What its config.json grants that the profiles don't. */
	struct capset capabilities, ambient;
	bool new_privileges, every_other_call;
	struct syscalls calls; /* `always`: lost; `refusals`: lost in part */
	/* The other way round, where its engine left out what the profiles grant. */
	struct capset gained;
	bool gains_new_privileges;
};

struct breakages {
	struct arena *arena;
	struct breakage *items[BREAKAGES_MAX];
	size_t count;
	size_t places[2 * BREAKAGES_MAX]; /* by hash: index + 1; 0 is free */
	uint64_t unharmed;		  /* decisions that would have broken nothing */
	uint64_t omitted;		  /* of containers behind the last one */
};

/* A decision of mode warn; for decisions_visit(). `into` is the breakages. */
bool breakages_add(struct arena *arena, const struct entry *entry, void *into,
		   struct error *err);

/* Part the profiles that this node has from those that it does not. */
void breakages_look(struct breakages *all, const struct store *store);

/*
 * Whether a rule of the ACL would help; whether it would be for all containers, since the
 * engine says of this one nothing that a rule can select by; and the rule, a JSON object
 * on one line.
 */
bool breakage_has_rule(const struct breakage *breakage);
bool breakage_rule_is_for_all(const struct breakage *breakage);
struct text breakage_rule(struct arena *arena, const struct breakage *breakage);

/* The selectors that the rule should have and has not, being cut off in the log. */
struct texts breakage_wider(struct arena *arena, const struct breakage *breakage);

/* Whether it would have started with less than it has; with more. */
bool breakage_loses(const struct breakage *breakage);
bool breakage_gains(const struct breakage *breakage);

#endif
