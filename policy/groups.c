/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/groups.h"

#include <string.h>

/* Names separated by blanks; tests/unit/test_groups.c holds that each call is in one. */
static const struct {
	const char *name;
	const char *meaning;
	const char *calls;
} groups[] = {
	{ "files", "open, make, name and look at files and folders",
	  "access chdir chmod chown chown32 creat faccessat faccessat2 "
	  "fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat "
	  "fchmodat2 fchown fchown32 fchownat fgetxattr file_getattr "
	  "file_setattr flistxattr flock fremovexattr fsetxattr fstat "
	  "fstat64 fstatat64 fstatfs fstatfs64 ftruncate ftruncate64 "
	  "futimesat getcwd getdents getdents64 getxattr getxattrat "
	  "inotify_add_watch inotify_init inotify_init1 inotify_rm_watch "
	  "lchown lchown32 lgetxattr link linkat listxattr listxattrat "
	  "llistxattr lookup_dcookie lremovexattr lsetxattr lstat lstat64 "
	  "mkdir mkdirat mknod mknodat name_to_handle_at newfstatat "
	  "oldfstat oldlstat oldstat open open_by_handle_at openat openat2 "
	  "readdir readlink readlinkat removexattr removexattrat rename "
	  "renameat renameat2 rmdir setxattr setxattrat stat stat64 statfs "
	  "statfs64 statx symlink symlinkat truncate truncate64 umask "
	  "unlink unlinkat ustat utime utimensat utimensat_time64 utimes" },
	{ "input-output", "read, write, wait on and pass on open files",
	  "_llseek _newselect arm_fadvise64_64 arm_sync_file_range close "
	  "close_range copy_file_range dup dup2 dup3 epoll_create "
	  "epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 "
	  "epoll_wait epoll_wait_old eventfd eventfd2 fadvise64 "
	  "fadvise64_64 fcntl fcntl64 fdatasync fsync io_cancel io_destroy "
	  "io_getevents io_pgetevents io_pgetevents_time64 io_setup "
	  "io_submit ioctl lseek pipe pipe2 poll ppoll ppoll_time64 "
	  "pread64 preadv preadv2 pselect6 pselect6_time64 pwrite64 "
	  "pwritev pwritev2 read readahead readv select sendfile "
	  "sendfile64 splice sync sync_file_range sync_file_range2 syncfs "
	  "tee vmsplice write writev" },
	{ "memory", "get, share and protect memory",
	  "brk cachestat madvise map_shadow_stack memfd_create "
	  "memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect "
	  "mremap mseal msync munlock munlockall munmap pkey_alloc "
	  "pkey_free pkey_mprotect process_madvise process_mrelease "
	  "remap_file_pages userfaultfd" },
	{ "processes", "start, end and look after processes and threads",
	  "clone clone3 execve execveat exit exit_group fork "
	  "get_robust_list get_thread_area get_tls getpgid getpgrp getpid "
	  "getppid getpriority getrlimit getrusage getsid gettid "
	  "personality pidfd_open prctl prlimit64 restart_syscall "
	  "set_robust_list set_thread_area set_tid_address set_tls setpgid "
	  "setrlimit setsid times ugetrlimit uselib vfork vhangup wait4 "
	  "waitid waitpid" },
	{ "signals", "send, catch and wait for signals",
	  "alarm kill pause pidfd_send_signal rt_sigaction rt_sigpending "
	  "rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend "
	  "rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo "
	  "sgetmask sigaction sigaltstack signal signalfd signalfd4 "
	  "sigpending sigprocmask sigreturn sigsuspend ssetmask tgkill "
	  "tkill" },
	{ "users", "ask for and change users, groups and capabilities",
	  "capget capset getegid getegid32 geteuid geteuid32 getgid "
	  "getgid32 getgroups getgroups32 getresgid getresgid32 getresuid "
	  "getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid "
	  "setfsuid32 setgid setgid32 setgroups setgroups32 setregid "
	  "setregid32 setresgid setresgid32 setresuid setresuid32 setreuid "
	  "setreuid32 setuid setuid32" },
	{ "network", "talk through sockets, of the network and of the machine",
	  "accept accept4 bind connect getpeername getsockname getsockopt "
	  "listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg send "
	  "sendmmsg sendmsg sendto setdomainname sethostname setsockopt "
	  "shutdown socket socketcall socketpair" },
	{ "ipc", "share memory, messages and locks with other processes",
	  "futex futex_requeue futex_time64 futex_wait futex_waitv "
	  "futex_wake ipc membarrier mq_getsetattr mq_notify mq_open "
	  "mq_timedreceive mq_timedreceive_time64 mq_timedsend "
	  "mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd rseq "
	  "semctl semget semop semtimedop semtimedop_time64 shmat shmctl "
	  "shmdt shmget" },
	{ "time", "read clocks, sleep and use timers",
	  "clock_getres clock_getres_time64 clock_gettime clock_gettime64 "
	  "clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday "
	  "nanosleep setitimer time timer_create timer_delete "
	  "timer_getoverrun timer_gettime timer_gettime64 timer_settime "
	  "timer_settime64 timerfd timerfd_create timerfd_gettime "
	  "timerfd_gettime64 timerfd_settime timerfd_settime64" },
	{ "clock", "set the clock of the node",
	  "adjtimex clock_adjtime clock_adjtime64 clock_settime "
	  "clock_settime64 settimeofday stime" },
	{ "scheduling", "choose processors, priorities and memory nodes",
	  "get_mempolicy getcpu ioprio_get ioprio_set mbind migrate_pages "
	  "move_pages nice sched_get_priority_max sched_get_priority_min "
	  "sched_getaffinity sched_getattr sched_getparam "
	  "sched_getscheduler sched_rr_get_interval "
	  "sched_rr_get_interval_time64 sched_setaffinity sched_setattr "
	  "sched_setparam sched_setscheduler sched_yield set_mempolicy "
	  "set_mempolicy_home_node setpriority" },
	{ "system", "ask the kernel what it is, and for random numbers",
	  "_sysctl getrandom lsm_get_self_attr lsm_list_modules "
	  "oldolduname olduname sysfs sysinfo uname" },
	{ "confinement", "confine oneself further",
	  "landlock_add_rule landlock_create_ruleset "
	  "landlock_restrict_self lsm_set_self_attr seccomp" },
	{ "keyrings", "use the kernel's keyrings", "add_key keyctl request_key" },
	{ "io-uring", "input and output that no filter sees",
	  "io_uring_enter io_uring_register io_uring_setup" },
	{ "tracing", "look into and steer other processes, measure",
	  "kcmp perf_event_open pidfd_getfd process_vm_readv "
	  "process_vm_writev ptrace uprobe uretprobe" },
	{ "mounts", "change what is mounted, or see all of it",
	  "chroot fsconfig fsmount fsopen fspick listmount mount "
	  "mount_setattr move_mount open_tree open_tree_attr pivot_root "
	  "statmount umount umount2" },
	{ "namespaces", "make and enter namespaces", "setns unshare" },
	{ "kernel", "steer the kernel: modules, BPF, swap, quotas, reboot",
	  "acct bdflush bpf create_module delete_module finit_module "
	  "get_kernel_syms init_module kexec_file_load kexec_load "
	  "nfsservctl query_module quotactl quotactl_fd reboot swapoff "
	  "swapon syslog" },
	{ "machine", "what only one kind of processor has",
	  "arch_prctl breakpoint cachectl cacheflush idle ioperm iopl "
	  "modify_ldt multiplexer pciconfig_iobase pciconfig_read "
	  "pciconfig_write riscv_flush_icache riscv_hwprobe rtas "
	  "s390_guarded_storage s390_pci_mmio_read s390_pci_mmio_write "
	  "s390_runtime_instr s390_sthyi spu_create spu_run subpage_prot "
	  "swapcontext switch_endian sys_debug_setcontext syscall sysmips "
	  "usr26 usr32 vm86 vm86old" },
	{ "obsolete", "nothing: kernels of today have no such call",
	  "afs_syscall break ftime getpmsg gtty lock mpx prof profil "
	  "putpmsg security stty tuxcall ulimit vserver" },
};

size_t groups_count(void)
{
	return ARRAY_SIZE(groups);
}

const char *groups_name(size_t group)
{
	return groups[group].name;
}

const char *groups_meaning(size_t group)
{
	return groups[group].meaning;
}

bool groups_has(size_t group, unsigned call)
{
	const char *name = syscall_name(call);
	size_t length = strlen(name);

	for (const char *at = groups[group].calls; *at; at += *at == ' ') {
		size_t word = strcspn(at, " ");

		if (word == length && !memcmp(at, name, length))
			return true;
		at += word;
	}
	return false;
}
