/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_WORDS_H
#define POLICY_WORDS_H

#include "policy/difference.h"

/* What is granted, as people say it. */

/* "socket if arg0 == 1 and arg1 != 2". */
const char *rule_words(struct arena *arena, const struct rule *rule);

/*
 * On one line: "CAP_NET_ADMIN, bpf, socket if arg0 == 16 and 7 more". As many words as
 * fit into `limit` bytes, at least one; "nothing" of an empty one.
 */
const char *difference_words(struct arena *arena, const struct difference *difference,
			     size_t limit);

/* Words with ", " between them, bounded in the same way. */
struct word_list {
	struct arena *arena;
	const char **items;
	size_t count, capacity;
};

void words_add(struct word_list *list, const char *word);
const char *words_join(const struct word_list *list, size_t limit);

#endif
