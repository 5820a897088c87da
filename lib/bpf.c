/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bpf.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/text.h"

static void release(scmp_filter_ctx *context)
{
	if (*context)
		seccomp_release(*context);
}

#define PREFIX "SCMP_ARCH_"
#define BINARY_TREE 2 /* seccomp_attr_set(3) */

uint32_t bpf_arch(const char *name)
{
	char lower[16] = "";
	size_t length;

	if (!name)
		return seccomp_arch_native();
	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return 0;
	name += strlen(PREFIX);
	length = strlen(name);
	if (length >= sizeof(lower))
		return 0;
	/* libseccomp's own names are those of the OCI in lower case. */
	for (size_t i = 0; i < length; i++)
		lower[i] =
			(char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	return seccomp_arch_resolve_name(lower);
}

uint32_t bpf_arch_seen(uint32_t arch, int *ret_first)
{
	/* __X32_SYSCALL_BIT */
	*ret_first = arch == SCMP_ARCH_X32 ? 0x40000000 : 0;
	return arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch;
}

int bpf_number(uint32_t arch, const char *call)
{
	return seccomp_syscall_resolve_name_arch(arch, call);
}

bool bpf_knows(const char *call)
{
	return seccomp_syscall_resolve_name(call) != __NR_SCMP_ERROR;
}

const char *bpf_name(struct arena *arena, uint32_t arch, int number)
{
	char *name = seccomp_syscall_resolve_num_arch(arch, number);
	const char *copy = name ? arena_copy(arena, name, strlen(name)) : NULL;

	free(name);
	return copy;
}

const char *bpf_version(struct arena *arena)
{
	const struct scmp_version *version = seccomp_version();

	return arena_printf(arena, "%u.%u.%u", version->major, version->minor,
			    version->micro);
}

static bool failed(int code, const char *what, struct error *err)
{
	errno = -code;
	error_errno(err, "libseccomp: %s", what);
	err->code = ERR_INEXACT;
	return false;
}

static bool add_arches(scmp_filter_ctx context, const struct bpf_filter *filter,
		       struct error *err)
{
	for (size_t i = 0; i < filter->arch_count; i++) {
		uint32_t arch = bpf_arch(filter->arches[i]);
		int code;

		if (!arch)
			return error_set(err, ERR_INEXACT,
					 "libseccomp does not know architecture %s",
					 filter->arches[i]);
		code = seccomp_arch_add(context, arch);
		if (code && code != -EEXIST)
			return failed(code, filter->arches[i], err);
	}
	return true;
}

static bool add_rule(scmp_filter_ctx context, const struct bpf_rule *rule,
		     struct error *err)
{
	struct scmp_arg_cmp compares[BPF_ARGS];
	int number = seccomp_syscall_resolve_name(rule->call);
	int code;

	if (number == __NR_SCMP_ERROR)
		return true;
	for (unsigned i = 0; i < rule->count; i++)
		compares[i] = (struct scmp_arg_cmp){
			.arg = rule->conditions[i].arg,
			.op = (enum scmp_compare)(rule->conditions[i].compare +
						  SCMP_CMP_NE),
			.datum_a = rule->conditions[i].value,
			.datum_b = rule->conditions[i].value_two,
		};
	code = seccomp_rule_add_array(context, rule->action, number, rule->count,
				      compares);
	return code ? failed(code, rule->call, err) : true;
}

static bool export(struct arena *arena, scmp_filter_ctx context, struct program *ret,
		   struct error *err)
{
	CLOSE int fd = memfd_create("filter", MFD_CLOEXEC);
	struct program program;
	struct stat st;
	int code;

	if (fd < 0)
		return error_errno(err, "memfd_create");
	code = seccomp_export_bpf(context, fd);
	if (code)
		return failed(code, "export", err);
	if (fstat(fd, &st) < 0)
		return error_errno(err, "fstat of the filter");
	program.count = (size_t)st.st_size / sizeof(*program.items);
	program.items = arena_new(arena, struct sock_filter, program.count);
	if (pread(fd, program.items, (size_t)st.st_size, 0) != st.st_size)
		return error_errno(err, "read the filter");
	if (!sim_check(&program, err))
		return false;
	*ret = program;
	return true;
}

bool bpf_compile(struct arena *arena, const struct bpf_filter *filter,
		 struct program *ret, struct error *err)
{
	__attribute__((cleanup(release))) scmp_filter_ctx context =
		seccomp_init(filter->action);
	int code;

	if (!context)
		return error_set(err, ERR_INEXACT,
				 "libseccomp: no filter with action 0x%x",
				 filter->action);
	if (!add_arches(context, filter, err))
		return false;
	if (filter->tree) {
		code = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
		if (code)
			return failed(code, "optimize", err);
	}
	for (size_t i = 0; i < filter->rule_count; i++)
		if (filter->rules[i].action != filter->action &&
		    !add_rule(context, &filter->rules[i], err))
			return false;
	return export(arena, context, ret, err);
}
