// What the engines of one JavaScript environment (the main thread, or a worker) share: the way by which their jobs come back to its
// event loop, and the hook that ends all of them before it ends. Memory that jobs read or write is freed after that hook.
#pragma once
#include <node_api.h>

#include <memory>
#include <set>

#include "job-queue.h"
#include "job.h"

class Environment : public std::enable_shared_from_this<Environment> {
 public:
  /// The environment of this thread; it lives until node has taken the last job back. Null where it cannot be made.
  static Environment* open(napi_env env);

  void add(JobQueue* queue) { queues_.insert(queue); }
  void remove(JobQueue* queue) { queues_.erase(queue); }

  /// Queues the job. The event loop stays alive until it is settled.
  void start(napi_env env, JobQueue& queue, std::shared_ptr<Job> job);

 private:
  static void settle(napi_env env, napi_value callback, void* self, void* job);
  static void close(void* self);

  napi_threadsafe_function loop_ = nullptr;
  size_t pending_ = 0;
  std::set<JobQueue*> queues_;
};
