// A fixed set of threads that run the numbered tasks of one call at a time; the calling thread works too.
// Which thread runs a task is chance, so a task's result may depend on its number only: that is what makes the
// kernels give the same bytes for any number of threads.
// A pool that is stopped, because the JavaScript environment that uses it ends, throws Stopped from `run` for ever after.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

/// Shared with the caller in JavaScript while a job runs: it sets `cancelled` and reads how far the job is.
struct Control {
  int32_t cancelled;
  int32_t done;   // tasks
  int32_t tasks;  // of the job's longest part; 0 before that begins
};

/// Thrown through a kernel when its pool is stopped; its outputs are then of no use.
struct Stopped {};

class ThreadPool {
 public:
  using Body = void (*)(const void* context, size_t task, unsigned thread);

  /// With fewer threads where the system gives no more: results do not depend on how many there are.
  explicit ThreadPool(unsigned threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  unsigned threads() const;

  /// Runs `body` for tasks 0 to `tasks` - 1 and returns when all are done; rethrows the first exception of a task.
  /// With a control, counts the tasks there, and claims no further one once it says cancelled.
  void run(size_t tasks, Body body, const void* context, Control* control = nullptr);

  /// From any thread: the running job claims no further task and ends with Stopped.
  void stop() { stopped_.store(true, std::memory_order_relaxed); }
  bool isStopped() const { return stopped_.load(std::memory_order_relaxed); }
  /// For long loops outside `run`.
  void throwIfStopped() const {
    if (isStopped()) throw Stopped{};
  }

 private:
  void help(unsigned thread);
  void claimTasks(unsigned thread);

  std::vector<std::thread> helpers_;
  std::mutex mutex_;
  std::condition_variable started_;
  std::condition_variable finished_;
  uint64_t round_ = 0;
  bool open_ = false;     // to helpers: one that wakes after the last task is done is not waited for
  unsigned working_ = 0;  // helpers in this round
  bool closing_ = false;
  std::atomic<bool> stopped_{false};

  Body body_ = nullptr;
  const void* context_ = nullptr;
  Control* control_ = nullptr;
  size_t tasks_ = 0;
  std::atomic<size_t> next_{0};
  std::exception_ptr failure_;
};
