#include "job-queue.h"

JobQueue::JobQueue(unsigned threads) : pool_(threads), thread_([this] { serve(); }) {}

JobQueue::~JobQueue() { close(); }

void JobQueue::push(Task task) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (closing_) return;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void JobQueue::close() {
  std::deque<Task> dropped;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closing_ = true;
    dropped.swap(tasks_);
  }
  pool_.stop();
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void JobQueue::serve() {
  for (;;) {
    Task task;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
      if (closing_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task(pool_);
  }
}
