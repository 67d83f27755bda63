// A thread that runs jobs on a pool one after the other, in the order in which they came. Jobs do not run in libuv's threads: those
// are few and wait for no job to be stopped when a worker is terminated, and files would wait behind them.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "thread-pool.h"

class JobQueue {
 public:
  using Task = std::function<void(ThreadPool&)>;

  /// Throws std::system_error where the system gives no thread.
  explicit JobQueue(unsigned threads);
  ~JobQueue();
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  void push(Task task);
  /// Stops the running job, drops those that wait, and returns when no thread is left. May be called again.
  void close();

 private:
  void serve();

  ThreadPool pool_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  bool closing_ = false;
  std::thread thread_;
};
