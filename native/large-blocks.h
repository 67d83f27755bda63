// Where large arrays lie. From a threshold on, glibc gives a block pages of its own. It raises the threshold up to 32 MB as such blocks
// are freed. What is smaller then stays in its arenas, in pieces, long after V8 let go of it. A fixed threshold gives the pages back.
#pragma once
#include <cstdlib>
#if defined(__GLIBC__)
#include <malloc.h>

namespace {

constexpr int kOwnPages = 1 << 18;
constexpr int kKeptAtTheTop = 1 << 20;

/// Once a process; whoever set the threshold in the environment is left alone.
inline void giveLargeBlocksOwnPages() {
  static const bool isOurs = std::getenv("MALLOC_MMAP_THRESHOLD_") == nullptr && mallopt(M_MMAP_THRESHOLD, kOwnPages) == 1 &&
                             mallopt(M_TRIM_THRESHOLD, kKeptAtTheTop) == 1;
  static_cast<void>(isOurs);
}

}  // namespace
#else
namespace {
inline void giveLargeBlocksOwnPages() {}
}  // namespace
#endif
