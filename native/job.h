// One call of an engine: what it keeps alive, what it does, and the promise that it settles.
#pragma once
#include <node_api.h>

#include <functional>
#include <string>

#include "thread-pool.h"

class Job {
 public:
  using Task = std::function<int64_t(ThreadPool&)>;

  /// `task` owns the copies that it reads; `record` holds the arrays in shared memory and the outputs.
  Job(napi_env env, napi_value engine, napi_value record, Task task);
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// Null where the environment is about to end: then nothing is to be run.
  napi_value promise() const { return promise_; }

  /// On the queue's thread.
  void run(ThreadPool& pool);
  /// On the environment's thread, with the status or what went wrong. In an ending environment it has no effect, and the
  /// references go with it.
  void settle(napi_env env);

 private:
  napi_value promise_ = nullptr;
  napi_deferred deferred_ = nullptr;
  napi_ref engine_ = nullptr;
  napi_ref record_ = nullptr;
  Task task_;
  int64_t status_ = 0;
  std::string failure_;
};
