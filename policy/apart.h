/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_APART_H
#define POLICY_APART_H

#include "policy/forms.h"

/*
 * Bring the rules of one call into the form "kept apart" of policy/forms.c without
 * changing the set that they say: from the first argument on, comparisons become cubes
 * and cubes are halved by a bit of their own until no two rules are alike in front of a
 * comparison that is none. False: that takes too many rules.
 */
NODISCARD bool apart_make(struct arena *arena, struct space *space,
			  const struct answers *answers, unsigned word_bits,
			  struct answers *ret);

#endif
