// Calls a lambda for every task of a pool. In an anonymous namespace for the reason given in simd.h.
#pragma once
#include "thread-pool.h"

namespace {

template <class F>
void parallel(ThreadPool& pool, size_t tasks, const F& body, Control* control = nullptr) {
  const auto call = [](const void* context, size_t task, unsigned thread) {
    (*static_cast<const F*>(context))(task, thread);
  };
  pool.run(tasks, call, &body, control);
}

/// Raised by any task, read after all of them.
class Flag {
 public:
  void raise() { __atomic_store_n(&raised_, true, __ATOMIC_RELAXED); }
  bool isRaised() const { return raised_; }

 private:
  bool raised_ = false;
};

}  // namespace
