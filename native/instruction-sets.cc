#include "instruction-sets.h"

std::vector<const KernelTable*> usableKernels() {
  std::vector<const KernelTable*> usable;
#ifdef TAILREC_X86
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (avx512 && __builtin_cpu_supports("avx512vnni")) usable.push_back(&kAvx512VnniKernels);
  if (avx512) usable.push_back(&kAvx512Kernels);
  if (avx2) usable.push_back(&kAvx2Kernels);
#endif
  usable.push_back(&kBaselineKernels);
  return usable;
}
