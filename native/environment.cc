#include "environment.h"

Environment* Environment::open(napi_env env) {
  auto* const owner = new std::shared_ptr<Environment>(std::make_shared<Environment>());
  const auto release = [](napi_env, void* data, void*) { delete static_cast<std::shared_ptr<Environment>*>(data); };
  Environment* const self = owner->get();
  napi_value name = nullptr;
  napi_create_string_utf8(env, "tailrec_kernel", NAPI_AUTO_LENGTH, &name);
  const napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, owner, release, self, settle, &self->loop_);
  if (status != napi_ok) {
    delete owner;
    return nullptr;
  }
  napi_unref_threadsafe_function(env, self->loop_);
  // Hooks run in reverse: this one before that of the function, which no thread may call afterwards.
  napi_add_env_cleanup_hook(env, close, self);
  return self;
}

void Environment::start(napi_env env, JobQueue& queue, std::shared_ptr<Job> job) {
  if (pending_++ == 0) napi_ref_threadsafe_function(env, loop_);
  queue.push([job = std::move(job), loop = loop_](ThreadPool& pool) {
    job->run(pool);
    if (pool.isStopped()) return;
    auto* const done = new std::shared_ptr<Job>(job);
    if (napi_call_threadsafe_function(loop, done, napi_tsfn_nonblocking) != napi_ok) delete done;
  });
}

/// `env` is null for jobs that are left over when the environment ends.
void Environment::settle(napi_env env, napi_value, void* self, void* data) {
  const std::unique_ptr<std::shared_ptr<Job>> job(static_cast<std::shared_ptr<Job>*>(data));
  if (env == nullptr) return;
  Environment* const environment = static_cast<Environment*>(self);
  (*job)->settle(env);
  if (--environment->pending_ == 0) napi_unref_threadsafe_function(env, environment->loop_);
}

void Environment::close(void* self) {
  for (JobQueue* queue : static_cast<Environment*>(self)->queues_) queue->close();
}
