/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/plain.h"

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

bool emission_is_plain(const struct emission *emission)
{
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
