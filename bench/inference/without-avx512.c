/*
 * Hides AVX-512 from a process, so that libraries which choose their kernels by CPUID take those of AVX2: a library to preload, for peers on processors that have more than
 * the machines that our figures are for. Linux on x86-64, where the processor, or the hypervisor, lets CPUID fault (cpuid_fault in /proc/cpuinfo).
 *
 *     cc -O1 -shared -fPIC bench/inference/without-avx512.c -o /tmp/without-avx512.so -ldl
 *     LD_PRELOAD=/tmp/without-avx512.so npx tsx bench/inference/networks.ts
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012

typedef int (*Sigaction)(int, const struct sigaction *, struct sigaction *);

/* What the process itself wants of SIGSEGV, which V8 uses for WebAssembly. */
static struct sigaction theirs;

static Sigaction original(void) {
  static Sigaction found;
  if (!found) found = (Sigaction)dlsym(RTLD_NEXT, "sigaction");
  return found;
}

static void let_cpuid_fault(int faults) { syscall(SYS_arch_prctl, ARCH_SET_CPUID, (unsigned long)!faults); }

static void on_fault(int signo, siginfo_t *info, void *context) {
  greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
  const unsigned char *at = (const unsigned char *)regs[REG_RIP];
  if (info->si_code != SI_KERNEL || at[0] != 0x0f || at[1] != 0xa2) {
    if (theirs.sa_flags & SA_SIGINFO) {
      theirs.sa_sigaction(signo, info, context);
    } else {
      struct sigaction none = {.sa_handler = SIG_DFL};
      original()(SIGSEGV, &none, NULL);
    }
    return;
  }
  const unsigned leaf = (unsigned)regs[REG_RAX], sub = (unsigned)regs[REG_RCX];
  unsigned a, b, c, d;
  let_cpuid_fault(0);
  __cpuid_count(leaf, sub, a, b, c, d);
  let_cpuid_fault(1);
  if (leaf == 7 && sub == 0) {
    b &= ~0xdc230000u; /* F, DQ, IFMA, PF, ER, CD, BW, VL */
    c &= ~0x00005842u; /* VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ */
    d &= ~0x03c0010cu; /* 4VNNIW, 4FMAPS, VP2INTERSECT, AMX and FP16 */
  }
  if (leaf == 7 && sub == 1) a &= ~0x20u;    /* BF16 */
  if (leaf == 0xd && sub == 0) a &= ~0xe0u; /* the state of the wide registers */
  regs[REG_RAX] = a, regs[REG_RBX] = b, regs[REG_RCX] = c, regs[REG_RDX] = d;
  regs[REG_RIP] += 2;
}

/* Node resets all handlers at its start; ours stays. */
int sigaction(int signo, const struct sigaction *act, struct sigaction *old) {
  if (signo != SIGSEGV) return original()(signo, act, old);
  if (old) *old = theirs;
  if (act) theirs = *act;
  return 0;
}

__attribute__((constructor)) static void begin(void) {
  struct sigaction mine = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
  original()(SIGSEGV, &mine, NULL);
  if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0UL)) fprintf(stderr, "without-avx512: CPUID cannot fault here.\n");
}
