/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells from inside a container what it may do. It has no libc, not even its start-up
 * code, so that it runs where next to nothing is granted: its own needs are write and
 * what it is asked to try. Every answer is one line on stdout.
 *
 * probe status
 *	Uid, Gid, Cap*, NoNewPrivs and Seccomp as in /proc/self/status; if that can't be
 *	read, what capget and prctl say, with the errno in place of what they don't.
 * probe call NR [ARG...]
 *	One call by its number: "NR ok" or "NR EPERM".
 * probe calls NR...
 *	Some calls with harmless arguments: the same, a line each.
 * probe sweep FROM TO [ERRNO]
 *	The calls from FROM to TO that answer anything but ERRNO (EPERM): "NR ok" or
 *	"NR EBADF", a line each, then "swept FROM TO".
 * probe plan NR:ERRNO:GRANTED[:ARG...]...
 *	Each call, with these arguments or with harmless ones: a line where it is GRANTED
 *	(1) and answers ERRNO, or is not (0) and answers anything else; then "planned N".
 *	All hexadecimal.
 * probe whole FROM TO [ERRNO]
 *	status, and then sweep.
 * probe cap NAME...
 *	What the capability is for: "CAP_CHOWN ok chown" or "CAP_CHOWN EPERM chown", with
 *	the call that gave the answer. "all" is every capability.
 * probe wait
 *	Print "ready" and wait to be killed.
 * probe exit N
 *	End with status N.
 *
 * Numbers are decimal, 0x hexadecimal or negative. The exit status is 0, or 2 for a wrong
 * command line; if exit is refused the probe dies of SIGSEGV.
 *
 * calls and sweep leave out rt_sigreturn, pause, exit, exit_group, vhangup, uretprobe and
 * uprobe (calls: "NR untried"). Some calls answer EPERM to who lacks their capability,
 * whether a filter lets them through or not: on Linux 6.18 setsid in a session's leader,
 * syslog, acct, reboot, swapon, swapoff, sethostname, setdomainname, setgroups,
 * fanotify_init, pivot_root and the newer mount calls.
 *
 * cap changes nothing of the host: an errno that only a holder of the capability can see
 * counts as ok (reboot with a bad magic number: EINVAL). It uses the files that bundle.sh
 * puts into /probe. CAP_KILL and CAP_SYS_PTRACE are tried on process 1, which must be
 * another user's. Where there is nothing to try, capget tells.
 *
 * Build: gcc -static -nostdlib -ffreestanding -fno-stack-protector -fcf-protection=none
 *	  -O2 -o probe probe.c
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

#include <linux/audit.h>
#include <linux/auxvec.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/timex.h>
#include <linux/xattr.h>
#include <asm/unistd.h>

#ifndef __x86_64__
#error "the probe knows the system calls of x86_64 only"
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MODE_FIFO 0010000
#define MODE_DEVICE 0020000 /* a character device */
#define BAD (-1L)	    /* as a file, an address, a length or flags: wrong */

static inline long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#define PICK(_0, _1, _2, _3, _4, _5, name, ...) name
#define CALL0(nr) call6(nr, 0, 0, 0, 0, 0, 0)
#define CALL1(nr, a) call6(nr, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(nr, a, b) call6(nr, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(nr, a, b, c) call6(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(nr, a, b, c, d) call6(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL5(nr, a, b, c, d, e) \
	call6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define CALL(...) \
	PICK(__VA_ARGS__, CALL5, CALL4, CALL3, CALL2, CALL1, CALL0, 0)(__VA_ARGS__)

static noreturn void end(int status)
{
	CALL(__NR_exit_group, status);
	CALL(__NR_exit, status);
	/* Neither is granted: a privileged instruction ends every process. */
	for (;;)
		__asm__ volatile("hlt");
}

/* Without libc, but the compiler may call these. */
void *memset(void *to, int byte, size_t length);
void *memcpy(void *to, const void *from, size_t length);

void *memset(void *to, int byte, size_t length)
{
	unsigned char *p = to;

	while (length--) {
		*p++ = (unsigned char)byte;
		__asm__ volatile("" ::: "memory");
	}
	return to;
}

void *memcpy(void *to, const void *from, size_t length)
{
	unsigned char *p = to;
	const unsigned char *q = from;

	while (length--) {
		*p++ = *q++;
		__asm__ volatile("" ::: "memory");
	}
	return to;
}

/*
 * Output: one write a line, so that lines of two probes never mix.
 */
static char line[512];
static size_t line_length;

static void put(const char *text)
{
	while (*text && line_length < sizeof(line))
		line[line_length++] = *text++;
}

static void put_number(unsigned long number, unsigned base, int width)
{
	char digits[24];
	int count = 0;

	do {
		digits[count++] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	while (count < width)
		digits[count++] = '0';
	while (count && line_length < sizeof(line))
		line[line_length++] = digits[--count];
}

static void put_long(long number)
{
	if (number < 0)
		put("-");
	put_number(number < 0 ? -(unsigned long)number : (unsigned long)number, 10, 0);
}

static void put_end(void)
{
	if (line_length == sizeof(line))
		line_length--;
	line[line_length++] = '\n';
	CALL(__NR_write, 1, line, line_length);
	line_length = 0;
}

#define E(name)             \
	{                   \
		name, #name \
	}
static const struct {
	int number;
	const char *name;
} errno_names[] = {
	E(EPERM),
	E(ENOENT),
	E(ESRCH),
	E(EINTR),
	E(EIO),
	E(ENXIO),
	E(E2BIG),
	E(ENOEXEC),
	E(EBADF),
	E(ECHILD),
	E(EAGAIN),
	E(ENOMEM),
	E(EACCES),
	E(EFAULT),
	E(ENOTBLK),
	E(EBUSY),
	E(EEXIST),
	E(EXDEV),
	E(ENODEV),
	E(ENOTDIR),
	E(EISDIR),
	E(EINVAL),
	E(ENFILE),
	E(EMFILE),
	E(ENOTTY),
	E(ETXTBSY),
	E(EFBIG),
	E(ENOSPC),
	E(ESPIPE),
	E(EROFS),
	E(EMLINK),
	E(EPIPE),
	E(EDOM),
	E(ERANGE),
	E(EDEADLK),
	E(ENAMETOOLONG),
	E(ENOLCK),
	E(ENOSYS),
	E(ENOTEMPTY),
	E(ELOOP),
	E(ENOMSG),
	E(EIDRM),
	E(ENODATA),
	E(ETIME),
	E(EPROTO),
	E(EOVERFLOW),
	E(EUSERS),
	E(ENOTSOCK),
	E(EDESTADDRREQ),
	E(EMSGSIZE),
	E(EPROTOTYPE),
	E(ENOPROTOOPT),
	E(EPROTONOSUPPORT),
	E(ESOCKTNOSUPPORT),
	E(EOPNOTSUPP),
	E(EPFNOSUPPORT),
	E(EAFNOSUPPORT),
	E(EADDRINUSE),
	E(EADDRNOTAVAIL),
	E(ENETDOWN),
	E(ENETUNREACH),
	E(ECONNREFUSED),
	E(ENOBUFS),
	E(ENOTCONN),
	E(ETIMEDOUT),
	E(EHOSTUNREACH),
	E(EALREADY),
	E(EINPROGRESS),
	E(ENOKEY),
	E(EKEYREJECTED),
};

/* "ok", the errno's name or "E" and its number. */
static void put_result(long result)
{
	if (result >= 0 || result < -4095) {
		put("ok");
		return;
	}
	for (size_t i = 0; i < COUNT(errno_names); i++)
		if (errno_names[i].number == -result) {
			put(errno_names[i].name);
			return;
		}
	put("E");
	put_long(-result);
}

static int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static noreturn void usage(void)
{
	put("usage: probe status | call NR [ARG...] | calls NR... |");
	put(" sweep FROM TO [ERRNO] | plan TRY... | cap NAME... | wait | exit N");
	put_end();
	end(2);
}

static long number_of(const char *text)
{
	int negative = *text == '-';
	unsigned base = 10;
	unsigned long number = 0;

	text += negative;
	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	}
	if (!*text)
		usage();
	for (; *text; text++) {
		unsigned digit = (unsigned)*text - '0';

		if (digit > 9)
			digit = ((unsigned)*text | 0x20) - 'a' + 10;
		if (digit >= base)
			usage();
		number = number * base + digit;
	}
	return (long)(negative ? -number : number);
}

/*
 * status
 */
static unsigned long auxv_uid;
static const unsigned char *auxv_random; /* 16 bytes */

/* Whether this process holds the capability: 0 or an errno. */
static long effective(unsigned cap)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	long result = CALL(__NR_capget, &head, data);

	if (result < 0)
		return result;
	return data[cap / 32].effective >> cap % 32 & 1 ? 0 : -EPERM;
}

static void status_line(const char *name, long result, unsigned long value, unsigned base,
			int width)
{
	put(name);
	put(":\t");
	if (result < 0)
		put_result(result);
	else
		put_number(value, base, width);
	put_end();
}

/* /proc/self/status can't be read: what the kernel says when asked. */
static void status_asked(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	long result = CALL(__NR_capget, &head, data);
	unsigned long bounding = 0, ambient = 0;
	long bounding_result = 0, ambient_result = 0, answer;

	status_line("CapInh", result,
		    (unsigned long)data[1].inheritable << 32 | data[0].inheritable, 16,
		    16);
	status_line("CapPrm", result,
		    (unsigned long)data[1].permitted << 32 | data[0].permitted, 16, 16);
	status_line("CapEff", result,
		    (unsigned long)data[1].effective << 32 | data[0].effective, 16, 16);
	for (unsigned cap = 0; cap < 64; cap++) {
		answer = CALL(__NR_prctl, PR_CAPBSET_READ, cap, 0, 0, 0);
		if (answer == -EINVAL)
			break;
		if (answer < 0)
			bounding_result = answer;
		else
			bounding |= (unsigned long)answer << cap;
		answer = CALL(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0,
			      0);
		if (answer < 0)
			ambient_result = answer;
		else
			ambient |= (unsigned long)answer << cap;
	}
	status_line("CapBnd", bounding_result, bounding, 16, 16);
	status_line("CapAmb", ambient_result, ambient, 16, 16);
	answer = CALL(__NR_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	status_line("NoNewPrivs", answer, (unsigned long)answer, 10, 0);
	answer = CALL(__NR_prctl, PR_GET_SECCOMP, 0, 0, 0, 0);
	status_line("Seccomp", answer, (unsigned long)answer, 10, 0);
}

static int starts(const char *text, const char *with)
{
	while (*with && *text == *with)
		text++, with++;
	return !*with;
}

static void status(void)
{
	static const char *const wanted[] = { "Uid:", "Gid:", "Cap",
					      "NoNewPrivs:", "Seccomp:" };
	static char text[8192];
	long file = CALL(__NR_openat, AT_FDCWD, "/proc/self/status", O_RDONLY);
	long length = file < 0 ? file : CALL(__NR_read, file, text, sizeof(text) - 1);

	if (length < 0) {
		status_asked();
		return;
	}
	for (char *at = text; *at;) {
		char *next = at;
		int want = 0;

		while (*next && *next != '\n')
			next++;
		if (*next)
			*next++ = '\0';
		for (size_t i = 0; i < COUNT(wanted); i++)
			want |= starts(at, wanted[i]);
		if (want) {
			put(at);
			put_end();
		}
		at = next;
	}
}

/*
 * call, calls, sweep
 */
static int swept(long nr)
{
	switch (nr) {
	case __NR_rt_sigreturn: /* takes whatever is on the stack for registers */
	case __NR_pause:
	case __NR_exit:
	case __NR_exit_group:
	case __NR_vhangup: /* of the terminal, if there is one */
	case 335:	   /* uretprobe */
	case 336:	   /* uprobe: SIGILL outside of a probe */
		return 0;
	default:
		return 1;
	}
}

/* Arguments with which the call can do nothing, and does not wait. */
static long harmless(long nr)
{
	long result;

	switch (nr) {
	case __NR_clone: /* signal handlers shared without memory: EINVAL */
		return CALL(nr, 0x800, 0, 0, 0, 0);
	case __NR_fork:
	case __NR_vfork:
		result = CALL(nr);
		if (!result)
			end(0);
		return result;
	case __NR_alarm:
		return CALL(nr, 0);
	case __NR_umask:
		return CALL(nr, 022);
	case __NR_futex: /* an operation that is not known is ENOSYS */
		return CALL(nr, BAD, 1, 0, 0, 0);
	case __NR_modify_ldt: /* as above */
		return CALL(nr, 0, BAD, 0);
	case __NR_msgget: /* -1 would make one */
		return CALL(nr, BAD, 0);
	case __NR_personality: /* asks */
		return CALL(nr, 0xffffffff);
	case __NR_init_module:
		return CALL(nr, BAD, 0, BAD);
	case __NR_socket: /* a family that every rule about families lets through */
	case __NR_socketpair:
		return CALL(nr, 1, BAD, BAD, BAD);
	case __NR_mknod: /* a FIFO */
		return CALL(nr, BAD, MODE_FIFO, 0);
	case __NR_mknodat:
		return CALL(nr, BAD, BAD, MODE_FIFO, 0);
	case __NR_mount: /* a new file system */
		return CALL(nr, BAD, BAD, BAD, 0, BAD);
	default:
		return call6(nr, BAD, BAD, BAD, BAD, BAD, BAD);
	}
}

static void report(long nr, long result)
{
	put_long(nr);
	put(" ");
	put_result(result);
	put_end();
}

static void call(int count, char **words)
{
	long v[7] = { 0 };

	if (count < 1 || count > 7)
		usage();
	for (int i = 0; i < count; i++)
		v[i] = number_of(words[i]);
	report(v[0], call6(v[0], v[1], v[2], v[3], v[4], v[5], v[6]));
}

static void calls(int count, char **words)
{
	for (int i = 0; i < count; i++) {
		long nr = number_of(words[i]);

		if (swept(nr)) {
			report(nr, harmless(nr));
			continue;
		}
		put(words[i]);
		put(" untried");
		put_end();
	}
}

static void sweep(int count, char **words)
{
	long refused = EPERM;

	if (count < 2 || count > 3)
		usage();
	if (count == 3) {
		for (size_t i = 0; i < COUNT(errno_names); i++)
			if (same(words[2], errno_names[i].name))
				refused = errno_names[i].number;
	}
	for (long nr = number_of(words[0]); nr <= number_of(words[1]); nr++) {
		long result = swept(nr) ? harmless(nr) : -refused;

		if (result != -refused)
			report(nr, result);
	}
	put("swept ");
	put(words[0]);
	put(" ");
	put(words[1]);
	put_end();
}

/*
 * cap: each operation says in *ret_how which call gave the answer.
 */
#define OTHER "/probe/other" /* 4711:4711, mode 0600 */
#define SHOWN "/probe/shown" /* 4711:4711, mode 0644 */

enum { UNTRIED = -5000 }; /* no errno is as high */

/* What only a holder of the capability gets to see is as good as success. */
static long unless(long result, long seen)
{
	return result == -seen ? 0 : result;
}

/* A file of the caller's own, whose group it is not in: root's or user 1000's. */
static const char *own(void)
{
	return auxv_uid ? "/probe/own-1000" : "/probe/own-0";
}

static long open_own(const char **ret_how)
{
	*ret_how = "openat";
	return CALL(__NR_openat, AT_FDCWD, own(), O_RDONLY);
}

static long open_socket(long family, long type, long protocol, const char **ret_how)
{
	*ret_how = "socket";
	return CALL(__NR_socket, family, type, protocol);
}

static long try_chown(const char **ret_how)
{
	*ret_how = "chown";
	return CALL(__NR_chown, OTHER, 4711, BAD);
}

static long try_dac_override(const char **ret_how)
{
	*ret_how = "openat";
	return CALL(__NR_openat, AT_FDCWD, OTHER, O_RDWR);
}

static long try_dac_read_search(const char **ret_how)
{
	*ret_how = "openat";
	return CALL(__NR_openat, AT_FDCWD, OTHER, O_RDONLY);
}

static long try_fowner(const char **ret_how)
{
	*ret_how = "chmod";
	return CALL(__NR_chmod, OTHER, 0600);
}

/* Without it the bit vanishes and no error is given. */
static long try_fsetid(const char **ret_how)
{
	struct {
		unsigned long device, inode, links;
		unsigned int mode;
		unsigned char rest[256];
	} stat = { 0 };
	long result;

	*ret_how = "chmod";
	result = CALL(__NR_chmod, own(), 02755);
	if (result < 0)
		return result;
	*ret_how = "newfstatat";
	result = CALL(__NR_newfstatat, AT_FDCWD, own(), &stat, 0);
	if (result < 0)
		return result;
	*ret_how = "chmod";
	CALL(__NR_chmod, own(), 0644);
	return stat.mode & 02000 ? 0 : -EPERM;
}

/* Process 1, unless that is this one. */
static long someone_else(const char **ret_how)
{
	long self;

	*ret_how = "getpid";
	self = CALL(__NR_getpid);
	return self == 1 ? UNTRIED : self < 0 ? self : 1;
}

static long try_kill(const char **ret_how)
{
	long process = someone_else(ret_how);

	if (process < 0)
		return process;
	*ret_how = "kill";
	return CALL(__NR_kill, process, 0);
}

static long try_setgid(const char **ret_how)
{
	*ret_how = "setresgid";
	return CALL(__NR_setresgid, BAD, BAD, 4711);
}

static long try_setuid(const char **ret_how)
{
	*ret_how = "setresuid";
	return CALL(__NR_setresuid, BAD, BAD, 4711);
}

static long try_setpcap(const char **ret_how)
{
	*ret_how = "prctl";
	return unless(CALL(__NR_prctl, PR_CAPBSET_DROP, 1000, 0, 0, 0), EINVAL);
}

/* Together with a flag that no file system has: refused in any case, but later. */
static long try_linux_immutable(const char **ret_how)
{
	int flags = FS_IMMUTABLE_FL | 0x40000000;
	long file = open_own(ret_how);

	if (file < 0)
		return file;
	*ret_how = "ioctl";
	return unless(CALL(__NR_ioctl, file, FS_IOC_SETFLAGS, &flags), EOPNOTSUPP);
}

static long try_net_bind_service(const char **ret_how)
{
	struct sockaddr_in address = { .sin_family = 2, .sin_port = 80 << 8 };
	long file = open_socket(2, 1, 0, ret_how);

	if (file < 0)
		return file;
	*ret_how = "bind";
	return CALL(__NR_bind, file, &address, sizeof(address));
}

static long try_net_admin(const char **ret_how)
{
	int size = 4096;
	long file = open_socket(2, 2, 0, ret_how);

	if (file < 0)
		return file;
	*ret_how = "setsockopt";
	return CALL(__NR_setsockopt, file, 1, 33 /* SO_RCVBUFFORCE */, &size,
		    sizeof(size));
}

static long try_net_raw(const char **ret_how)
{
	return open_socket(2, 3, IPPROTO_ICMP, ret_how);
}

static long try_ipc_lock(const char **ret_how)
{
	static char page[4096];
	struct rlimit64 none = { 0, 0 };
	struct rlimit64 old;
	long result;

	*ret_how = "prlimit64";
	result = CALL(__NR_prlimit64, 0, RLIMIT_MEMLOCK, 0, &old);
	if (result < 0)
		return result;
	none.rlim_max = old.rlim_max;
	result = CALL(__NR_prlimit64, 0, RLIMIT_MEMLOCK, &none, 0);
	if (result < 0)
		return result;
	*ret_how = "mlock";
	result = CALL(__NR_mlock, page, sizeof(page));
	CALL(__NR_munlock, page, sizeof(page));
	CALL(__NR_prlimit64, 0, RLIMIT_MEMLOCK, &old, 0);
	return result;
}

/* A queue that even its owner may not look into. */
static long try_ipc_owner(const char **ret_how)
{
	unsigned char about[256];
	long queue, result;

	*ret_how = "msgget";
	queue = CALL(__NR_msgget, 0, 0);
	if (queue < 0)
		return queue;
	*ret_how = "msgctl";
	result = CALL(__NR_msgctl, queue, 2 /* IPC_STAT */, about);
	CALL(__NR_msgctl, queue, 0 /* IPC_RMID */, 0);
	return result;
}

static long try_sys_module(const char **ret_how)
{
	long result;

	*ret_how = "init_module";
	result = CALL(__NR_init_module, BAD, 0, "");
	/* A kernel without modules. */
	return result == -ENOSYS ? UNTRIED : unless(result, ENOEXEC);
}

static long try_sys_rawio(const char **ret_how)
{
	int block = 0;
	long file = open_own(ret_how);
	long result;

	if (file < 0)
		return file;
	*ret_how = "ioctl";
	result = CALL(__NR_ioctl, file, FIBMAP, &block);
	/* The file system has no blocks to tell of. */
	return unless(unless(result, EINVAL), ENOTTY);
}

static long try_sys_chroot(const char **ret_how)
{
	*ret_how = "chroot";
	return CALL(__NR_chroot, "/");
}

static long try_sys_ptrace(const char **ret_how)
{
	long word;
	struct {
		void *base;
		size_t length;
	} here = { &word, sizeof(word) }, there = { (void *)4096, sizeof(word) };
	long process = someone_else(ret_how);

	if (process < 0)
		return process;
	*ret_how = "process_vm_readv";
	return unless(
		call6(__NR_process_vm_readv, process, (long)&here, 1, (long)&there, 1, 0),
		EFAULT);
}

static long try_sys_pacct(const char **ret_how)
{
	*ret_how = "acct";
	return unless(CALL(__NR_acct, BAD), EFAULT);
}

static long try_sys_admin(const char **ret_how)
{
	*ret_how = "mount";
	return unless(CALL(__NR_mount, "none", "/probe", "no-such-file-system", 0, 0),
		      ENODEV);
}

static long try_sys_boot(const char **ret_how)
{
	*ret_how = "reboot";
	return unless(CALL(__NR_reboot, BAD, BAD, 0, 0), EINVAL);
}

static long try_sys_nice(const char **ret_how)
{
	long result;

	*ret_how = "setpriority";
	result = CALL(__NR_setpriority, 0, 0, -1);
	if (!result)
		CALL(__NR_setpriority, 0, 0, 0);
	return result;
}

static long try_sys_resource(const char **ret_how)
{
	struct rlimit64 limit;
	long result;

	*ret_how = "prlimit64";
	result = CALL(__NR_prlimit64, 0, RLIMIT_NICE, 0, &limit);
	if (result < 0)
		return result;
	if (limit.rlim_max >= 40)
		return UNTRIED;
	limit.rlim_max++;
	return CALL(__NR_prlimit64, 0, RLIMIT_NICE, &limit, 0);
}

static long try_sys_time(const char **ret_how)
{
	struct __kernel_timex timex = { .modes = ADJ_TICK }; /* of no length */

	*ret_how = "adjtimex";
	return unless(CALL(__NR_adjtimex, &timex), EINVAL);
}

static long try_sys_tty_config(const char **ret_how)
{
	*ret_how = "vhangup";
	return CALL(__NR_vhangup);
}

/* A name of its own each time: who may make it may not be able to remove it. */
static long try_mknod(const char **ret_how)
{
	char name[] = "/probe/null-................";
	long result;

	for (size_t i = 0; i < 16; i++)
		name[12 + i] = (char)('a' + auxv_random[i] % 16);
	*ret_how = "mknod";
	result = CALL(__NR_mknod, name, MODE_DEVICE | 0600, 1 << 8 | 3);
	CALL(__NR_unlink, name);
	return result;
}

static long try_lease(const char **ret_how)
{
	long file;

	*ret_how = "openat";
	file = CALL(__NR_openat, AT_FDCWD, SHOWN, O_RDONLY);
	if (file < 0)
		return file;
	*ret_how = "fcntl";
	return CALL(__NR_fcntl, file, F_SETLEASE, 0 /* F_RDLCK */);
}

/* A record of type AUDIT_USER; the kernel's answer tells whether it took it. */
static long try_audit_write(const char **ret_how)
{
	struct {
		struct nlmsghdr head;
		char text[16];
	} request = {
		.head = { sizeof(request), AUDIT_USER, NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
		.text = "powerbox probe",
	};
	struct {
		struct nlmsghdr head;
		int error;
		unsigned char rest[256];
	} answer = { 0 };
	struct sockaddr_nl kernel = { .nl_family = 16 };
	long file = open_socket(16, 3, NETLINK_AUDIT, ret_how);
	long result;

	if (file < 0)
		return file;
	*ret_how = "sendto";
	result = call6(__NR_sendto, file, (long)&request, sizeof(request), 0,
		       (long)&kernel, sizeof(kernel));
	if (result < 0)
		return result;
	*ret_how = "recvfrom";
	result = CALL(__NR_recvfrom, file, &answer, sizeof(answer), 0x40, 0);
	return result < 0 ? result : answer.error;
}

static long try_audit_read(const char **ret_how)
{
	struct sockaddr_nl group = { .nl_family = 16, .nl_groups = 1 };
	long file = open_socket(16, 3, NETLINK_AUDIT, ret_how);

	if (file < 0)
		return file;
	*ret_how = "bind";
	return CALL(__NR_bind, file, &group, sizeof(group));
}

static long try_setfcap(const char **ret_how)
{
	struct vfs_cap_data none = { .magic_etc = VFS_CAP_REVISION_2 };
	long result;

	*ret_how = "setxattr";
	result = CALL(__NR_setxattr, own(), XATTR_NAME_CAPS, &none, sizeof(none), 0);
	CALL(__NR_removexattr, own(), XATTR_NAME_CAPS);
	return result;
}

static long try_syslog(const char **ret_how)
{
	*ret_how = "syslog";
	return unless(CALL(__NR_syslog, 8 /* console level */, 0, 0), EINVAL);
}

static long try_wake_alarm(const char **ret_how)
{
	int timer;
	long result;

	*ret_how = "timer_create";
	result = CALL(__NR_timer_create, 9 /* CLOCK_BOOTTIME_ALARM */, 0, &timer);
	/* The machine has no clock that wakes it. */
	return result == -EOPNOTSUPP ? UNTRIED : result;
}

static long try_perfmon(const char **ret_how)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
	};

	*ret_how = "perf_event_open";
	return CALL(__NR_perf_event_open, &attr, -1, 0, -1, 0);
}

static long try_bpf(const char **ret_how)
{
	union bpf_attr attr = { 0 };

	attr.map_type = BPF_MAP_TYPE_LPM_TRIE;
	attr.key_size = 8;
	attr.value_size = 4;
	attr.max_entries = 1;
	attr.map_flags = BPF_F_NO_PREALLOC;
	*ret_how = "bpf";
	return CALL(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* In the kernel's order: the place is the number. Without an attempt: ask capget. */
static const struct {
	const char *name;
	long (*attempt)(const char **ret_how);
} caps[] = {
	{ "CAP_CHOWN", try_chown },
	{ "CAP_DAC_OVERRIDE", try_dac_override },
	{ "CAP_DAC_READ_SEARCH", try_dac_read_search },
	{ "CAP_FOWNER", try_fowner },
	{ "CAP_FSETID", try_fsetid },
	{ "CAP_KILL", try_kill },
	{ "CAP_SETGID", try_setgid },
	{ "CAP_SETUID", try_setuid },
	{ "CAP_SETPCAP", try_setpcap },
	{ "CAP_LINUX_IMMUTABLE", try_linux_immutable },
	{ "CAP_NET_BIND_SERVICE", try_net_bind_service },
	{ "CAP_NET_BROADCAST", NULL },
	{ "CAP_NET_ADMIN", try_net_admin },
	{ "CAP_NET_RAW", try_net_raw },
	{ "CAP_IPC_LOCK", try_ipc_lock },
	{ "CAP_IPC_OWNER", try_ipc_owner },
	{ "CAP_SYS_MODULE", try_sys_module },
	{ "CAP_SYS_RAWIO", try_sys_rawio },
	{ "CAP_SYS_CHROOT", try_sys_chroot },
	{ "CAP_SYS_PTRACE", try_sys_ptrace },
	{ "CAP_SYS_PACCT", try_sys_pacct },
	{ "CAP_SYS_ADMIN", try_sys_admin },
	{ "CAP_SYS_BOOT", try_sys_boot },
	{ "CAP_SYS_NICE", try_sys_nice },
	{ "CAP_SYS_RESOURCE", try_sys_resource },
	{ "CAP_SYS_TIME", try_sys_time },
	{ "CAP_SYS_TTY_CONFIG", try_sys_tty_config },
	{ "CAP_MKNOD", try_mknod },
	{ "CAP_LEASE", try_lease },
	{ "CAP_AUDIT_WRITE", try_audit_write },
	{ "CAP_AUDIT_CONTROL", NULL },
	{ "CAP_SETFCAP", try_setfcap },
	{ "CAP_MAC_OVERRIDE", NULL },
	{ "CAP_MAC_ADMIN", NULL },
	{ "CAP_SYSLOG", try_syslog },
	{ "CAP_WAKE_ALARM", try_wake_alarm },
	{ "CAP_BLOCK_SUSPEND", NULL },
	{ "CAP_AUDIT_READ", try_audit_read },
	{ "CAP_PERFMON", try_perfmon },
	{ "CAP_BPF", try_bpf },
	{ "CAP_CHECKPOINT_RESTORE", NULL },
};

static void cap(unsigned number)
{
	const char *how;
	long result = UNTRIED;

	if (caps[number].attempt)
		result = caps[number].attempt(&how);
	if (result == UNTRIED) {
		how = "capget";
		result = effective(number);
	}
	put(caps[number].name);
	put(" ");
	put_result(result);
	put(" ");
	put(how);
	put_end();
}

static void cap_words(int count, char **words)
{
	for (int i = 0; i < count; i++) {
		int all = same(words[i], "all"), found = 0;

		for (unsigned number = 0; number < COUNT(caps); number++)
			if (all || same(words[i], caps[number].name)) {
				cap(number);
				found = 1;
			}
		if (!found)
			usage();
	}
}

/* With whatever of these is granted; with nothing at all it turns in circles. */
static noreturn void wait_for_end(void)
{
	struct {
		long seconds, nanoseconds;
	} hour = { 3600, 0 };

	put("ready");
	put_end();
	for (;;) {
		CALL(__NR_pause);
		CALL(__NR_nanosleep, &hour, 0);
		call6(__NR_pselect6, 0, 0, 0, 0, (long)&hour, 0);
		__asm__ volatile("pause");
	}
}

/* The stack as the kernel leaves it: count, arguments, NULL, environment, NULL, auxv. */
noreturn void probe_main(long *stack);

/*
 * plan
 */
static unsigned long next_hex(const char **at)
{
	unsigned long value = 0;

	for (; **at && **at != ':'; ++*at)
		value = value * 16 + (unsigned long)((**at & 15) + (**at > '9') * 9);
	*at += **at == ':';
	return value;
}

static void plan(int count, char **words)
{
	for (int i = 0; i < count; i++) {
		const char *at = words[i];
		long nr = (long)next_hex(&at), refused = (long)next_hex(&at), result;
		int granted = next_hex(&at) != 0, with = *at != '\0';
		unsigned long v[6] = { 0 };

		for (size_t arg = 0; arg < COUNT(v); arg++)
			v[arg] = next_hex(&at);
		if (!swept(nr))
			continue;
		result = with ? call6(nr, (long)v[0], (long)v[1], (long)v[2], (long)v[3],
				      (long)v[4], (long)v[5])
			      : harmless(nr);
		if (granted != (result == -refused))
			continue;
		put(words[i]);
		put(" answers ");
		put_result(result);
		put_end();
	}
	put("planned ");
	put_long(count);
	put_end();
}

noreturn void probe_main(long *stack)
{
	int count = (int)stack[0];
	char **words = (char **)(stack + 1);
	unsigned long *auxv = (unsigned long *)(stack + 1 + count + 1);

	while (*auxv++)
		;
	for (; auxv[0] != AT_NULL; auxv += 2) {
		if (auxv[0] == AT_EUID)
			auxv_uid = auxv[1];
		if (auxv[0] == AT_RANDOM)
			auxv_random = (const unsigned char *)auxv[1];
	}
	if (count < 2)
		usage();
	count -= 2;
	words += 2;
	if (same(words[-1], "status") && !count)
		status();
	else if (same(words[-1], "call"))
		call(count, words);
	else if (same(words[-1], "calls"))
		calls(count, words);
	else if (same(words[-1], "sweep"))
		sweep(count, words);
	else if (same(words[-1], "plan"))
		plan(count, words);
	else if (same(words[-1], "whole")) {
		status();
		sweep(count, words);
	} else if (same(words[-1], "cap"))
		cap_words(count, words);
	else if (same(words[-1], "wait") && !count)
		wait_for_end();
	else if (same(words[-1], "exit") && count == 1)
		end((int)number_of(words[0]));
	else
		usage();
	end(0);
}

__asm__(".globl _start\n"
	"_start:\n\t"
	"xor %ebp, %ebp\n\t"
	"mov %rsp, %rdi\n\t"
	"and $-16, %rsp\n\t"
	"call probe_main\n");
