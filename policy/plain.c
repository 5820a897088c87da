/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/plain.h"

#include "policy/syscall_names.h"

/* Of the rules of one call, what keeps them from being of either kind. */
struct traits {
	bool ordered; /* other than EQ and MASKED_EQ */
	bool chained; /* more than one condition */
	bool high;    /* an ordered comparison with 2^32 or more */
};

static void note_traits(struct traits *traits, const struct rule *rule)
{
	traits->chained |= rule->count > 1;
	for (size_t i = 0; i < rule->count; i++) {
		const struct condition *condition = &rule->conditions[i];

		if (condition_is_cube(condition))
			continue;
		traits->ordered = true;
		traits->high |= condition->value > UINT32_MAX;
	}
}

/*
 * libseccomp 2.5.4 loads the number of a call in front of the first call in its list,
 * which is one without conditions if there is any, and leaves that out with a call that
 * the architecture does not have: then it refuses everything there.
 */
static bool is_loaded(const struct emission *emission, struct archs archs)
{
	int call = syscall_find(text_of("exit_group")); /* all of them have it */

	return archs_count(archs, 32) + archs_count(archs, 64) == 1 ||
	       !(emission->rules.count + emission->refusals.count) ||
	       emission->always[call / 64] >> call % 64 & 1;
}

bool emission_is_plain(const struct emission *emission, struct archs archs)
{
	if (!is_loaded(emission, archs))
		return false;
	for (size_t i = 0, end; i < emission->rules.count; i = end) {
		const struct rule *rules = emission->rules.items;
		struct traits traits = { 0 };
		bool refused = false;

		for (end = i;
		     end < emission->rules.count && rules[end].call == rules[i].call;
		     end++)
			note_traits(&traits, &rules[end]);
		for (size_t j = 0; j < emission->refusals.count; j++)
			if (emission->refusals.items[j].rule.call == rules[i].call) {
				note_traits(&traits, &emission->refusals.items[j].rule);
				refused = true;
			}
		/* The second kind was measured with one answer alone. */
		if (traits.ordered && (traits.chained || traits.high || refused))
			return false;
	}
	return true;
}
