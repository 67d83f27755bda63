#include "job.h"

#include <exception>
#include <new>

Job::Job(napi_env env, napi_value engine, napi_value record, Task task) : task_(std::move(task)) {
  if (napi_create_reference(env, engine, 1, &engine_) != napi_ok) return;
  if (napi_create_reference(env, record, 1, &record_) != napi_ok) return;
  if (napi_create_promise(env, &deferred_, &promise_) != napi_ok) promise_ = nullptr;
}

void Job::run(ThreadPool& pool) {
  try {
    status_ = task_(pool);
  } catch (const Stopped&) {
    failure_ = "stopped";
  } catch (const std::bad_alloc&) {
    failure_ = "expected enough memory for the job, received less";
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
  task_ = nullptr;
}

void Job::settle(napi_env env) {
  napi_value outcome = nullptr;
  if (failure_.empty()) {
    if (napi_create_int64(env, status_, &outcome) == napi_ok) napi_resolve_deferred(env, deferred_, outcome);
  } else {
    napi_value message = nullptr;
    napi_create_string_utf8(env, failure_.c_str(), failure_.size(), &message);
    if (napi_create_error(env, nullptr, message, &outcome) == napi_ok) napi_reject_deferred(env, deferred_, outcome);
  }
  napi_delete_reference(env, engine_);
  napi_delete_reference(env, record_);
}
