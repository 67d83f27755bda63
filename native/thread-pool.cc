#include "thread-pool.h"

#include <system_error>

ThreadPool::ThreadPool(unsigned threads) {
  helpers_.reserve(threads);
  try {
    for (unsigned thread = 1; thread < threads; thread++) helpers_.emplace_back([this, thread] { help(thread); });
  } catch (const std::system_error&) {
  }
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closing_ = true;
  }
  started_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

unsigned ThreadPool::threads() const { return static_cast<unsigned>(helpers_.size()) + 1; }

void ThreadPool::run(size_t tasks, Body body, const void* context, Control* control) {
  body_ = body;
  context_ = context;
  control_ = control;
  tasks_ = tasks;
  failure_ = nullptr;
  next_ = 0;
  if (control != nullptr) __atomic_store_n(&control->tasks, static_cast<int32_t>(tasks), __ATOMIC_RELAXED);
  const bool alone = tasks < 2 || helpers_.empty();
  if (!alone) {
    std::lock_guard<std::mutex> lock(mutex_);
    round_++;
    open_ = true;
  }
  if (!alone) started_.notify_all();
  claimTasks(0);
  if (!alone) {
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait(lock, [this] { return working_ == 0; });
    open_ = false;
  }
  if (failure_) std::rethrow_exception(failure_);
  throwIfStopped();
}

void ThreadPool::help(unsigned thread) {
  uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      started_.wait(lock, [&] { return closing_ || (open_ && round_ != seen); });
      if (closing_) return;
      seen = round_;
      working_++;
    }
    claimTasks(thread);
    std::lock_guard<std::mutex> lock(mutex_);
    if (--working_ == 0) finished_.notify_one();
  }
}

void ThreadPool::claimTasks(unsigned thread) {
  for (;;) {
    if (isStopped() || (control_ != nullptr && __atomic_load_n(&control_->cancelled, __ATOMIC_RELAXED) != 0)) return;
    const size_t task = next_.fetch_add(1, std::memory_order_relaxed);
    if (task >= tasks_) return;
    try {
      body_(context_, task, thread);
      if (control_ != nullptr) __atomic_fetch_add(&control_->done, 1, __ATOMIC_RELAXED);
    } catch (...) {
      std::lock_guard<std::mutex> lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      next_ = tasks_;
    }
  }
}
