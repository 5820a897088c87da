/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_PLAIN_H
#define POLICY_PLAIN_H

#include "policy/emission.h"

/*
 * Whether an emission needs no proof (policy/proof.h) before it is used: the rules of
 * each call are of one of the two kinds that libseccomp compiles exactly by the way it
 * works. Either equalities and masks only: each is a chain of comparisons of words, and
 * merging chains can't open a second way through. Or one condition each, the ordered ones
 * on numbers below 2^32, and all with the same answer: then there is nothing behind a
 * comparison that two rules could share. What is written decides, wherever it came from.
 * With several architectures one call that all of them have has to be granted always,
 * too.
 */
bool emission_is_plain(const struct emission *emission, struct archs archs);

#endif
