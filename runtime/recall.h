/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_RECALL_H
#define RUNTIME_RECALL_H

#include "runtime/argv.h"

/*
 * What is there can be stopped and cleaned up by the runtime that created it, and by no
 * other: that would at best know no such container; its `delete --force` removes the
 * state of a container that goes on running, and says that all is well. So it is the
 * container's own runtime that is executed where node.json can't be read, and where it
 * names one of the other kind by now.
 */

/*
 * Read a line that gives no authority for the runtime that powerbox noted when it created
 * the container (runtime/links.h), and make that one the node's. False: nothing is noted,
 * and nothing is changed.
 */
bool recall(struct arena *arena, int argc, char **argv, struct node *node,
	    struct invocation *invocation);

/*
 * The same for a node.json that can be read, and for every line but those that create
 * containers: if the runtime that it names keeps no such container or doesn't understand
 * the line (`parsed`), and one of the other kind, which powerbox noted, keeps it.
 */
bool recall_former(struct arena *arena, int argc, char **argv, bool parsed,
		   struct node *node, struct invocation *invocation);

/*
 * Whether a line may go to the runtime that node.json names, as far as it can be read, or
 * to the one compiled in: if it gives no authority, and is not the `delete` of what that
 * one does not know.
 */
bool recall_unneeded(struct arena *arena, const struct node *node,
		     const struct invocation *invocation);

#endif
