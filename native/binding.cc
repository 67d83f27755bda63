// The addon: an Engine holds a thread pool and one instruction set's kernels; each method takes a record of typed arrays,
// keeps them alive while the job runs off the event loop, and gives a promise of the kernel's status.
#include <napi.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "instruction-sets.h"
#include "kernel-table.h"
#include "thread-pool.h"

namespace {

/// A job's record of arguments: reads fields as pointers and numbers; absent arrays are null.
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo& info) : record_(info[0].As<Napi::Object>()) {}

  template <class T>
  T* array(const char* name) const {
    const Napi::Value value = record_.Get(name);
    return value.IsTypedArray() ? value.As<Napi::TypedArrayOf<T>>().Data() : nullptr;
  }
  double number(const char* name) const { return record_.Get(name).As<Napi::Number>().DoubleValue(); }
  size_t size(const char* name) const { return static_cast<size_t>(number(name)); }
  Napi::Object record() const { return record_; }

 private:
  Napi::Object record_;
};

using Task = std::function<int64_t(ThreadPool&)>;

class Job : public Napi::AsyncWorker {
 public:
  Job(const Arguments& arguments, std::shared_ptr<ThreadPool> pool, Task task)
      : Napi::AsyncWorker(arguments.record().Env()),
        kept_(Napi::Persistent(arguments.record())),
        deferred_(Napi::Promise::Deferred::New(arguments.record().Env())),
        pool_(std::move(pool)),
        task_(std::move(task)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    std::lock_guard<std::mutex> turn(pool_->turn());
    status_ = task_(*pool_);
  }
  void OnOK() override { deferred_.Resolve(Napi::Number::New(Env(), static_cast<double>(status_))); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::ObjectReference kept_;
  Napi::Promise::Deferred deferred_;
  std::shared_ptr<ThreadPool> pool_;
  Task task_;
  int64_t status_ = kSolved;
};

class Engine : public Napi::ObjectWrap<Engine> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Engine",
                       {InstanceMethod("multiply", &Engine::multiply), InstanceMethod("gram", &Engine::gram),
                        InstanceMethod("topK", &Engine::topK), InstanceMethod("solveShifted", &Engine::solveShifted),
                        InstanceMethod("eigen", &Engine::eigen), InstanceMethod("solveRows", &Engine::solveRows)});
  }

  /// new Engine(threads, instructionSet)
  explicit Engine(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Engine>(info) {
    const std::string name = info[1].As<Napi::String>();
    for (const KernelTable* table : usableKernels()) {
      if (name == table->name) kernels_ = table;
    }
    if (kernels_ == nullptr) throw Napi::Error::New(info.Env(), "this processor lacks the instruction set " + name);
    pool_ = std::make_shared<ThreadPool>(info[0].As<Napi::Number>().Uint32Value());
  }

 private:
  Napi::Value start(const Arguments& arguments, Task task) {
    Job* job = new Job(arguments, pool_, std::move(task));
    const Napi::Promise promise = job->promise();
    job->Queue();
    return promise;
  }

  Napi::Value multiply(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    const MultiplyRequest q{in.array<float>("a"), in.array<float>("b"),  in.array<float>("out"),
                            in.size("rows"),      in.size("columns"), in.size("depth")};
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->multiply(pool, q), kSolved; });
  }

  Napi::Value gram(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    const GramRequest q{in.array<float>("a"), in.array<double>("weights"), in.array<double>("out"), in.size("rows"),
                        in.size("columns")};
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->gram(pool, q), kSolved; });
  }

  Napi::Value topK(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    TopKRequest q{};
    q.queries = in.array<float>("queries");
    q.items = in.array<float>("items");
    q.queryCount = in.size("queryCount");
    q.itemCount = in.size("itemCount");
    q.dimension = in.size("dimension");
    q.count = in.size("count");
    q.excludeStart = in.array<uint32_t>("excludeStart");
    q.excludeItems = in.array<uint32_t>("excludeItems");
    q.allow = in.array<uint8_t>("allow");
    q.itemScale = in.array<float>("itemScale");
    q.foundItems = in.array<int32_t>("foundItems");
    q.foundScores = in.array<float>("foundScores");
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->topK(pool, q), kSolved; });
  }

  Napi::Value solveShifted(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    const ShiftedRequest q{in.array<double>("a"), in.array<double>("b"), in.array<double>("shifts"), in.array<float>("out"),
                           in.size("n"),          in.size("columns"),    in.size("shiftCount")};
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->solveShifted(pool, q); });
  }

  Napi::Value eigen(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    const EigenRequest q{in.array<double>("a"), in.array<double>("values"), in.array<double>("vectors"), in.size("n")};
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->eigen(pool, q); });
  }

  Napi::Value solveRows(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    RowSolveRequest q{};
    q.rank = in.size("rank");
    q.rows = in.size("rows");
    q.fixedRows = in.size("fixedRows");
    q.factors = in.array<float>("factors");
    q.spectrum = in.array<double>("spectrum");
    q.toBasis = in.array<double>("toBasis");
    q.priorToBasis = in.array<double>("priorToBasis");
    q.start = in.array<uint32_t>("start");
    q.indices = in.array<uint32_t>("indices");
    q.confidence = in.array<float>("confidence");
    q.unobservedWeight = in.number("unobservedWeight");
    q.rowPrecision = in.array<double>("rowPrecision");
    q.exposure = in.array<double>("exposure");
    q.prior = in.array<float>("prior");
    q.begin = in.array<float>("begin");
    q.steps = in.size("steps");
    q.out = in.array<float>("out");
    Control* control = reinterpret_cast<Control*>(in.array<int32_t>("control"));
    return start(in, [=, kernels = kernels_](ThreadPool& pool) { return kernels->solveRows(pool, q, control); });
  }

  const KernelTable* kernels_ = nullptr;
  std::shared_ptr<ThreadPool> pool_;
};

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  Napi::Array names = Napi::Array::New(env);
  for (const KernelTable* table : usableKernels()) names[names.Length()] = Napi::String::New(env, table->name);
  exports["instructionSets"] = names;
  exports["Engine"] = Engine::define(env);
  return exports;
}

}  // namespace

NODE_API_MODULE(tailrec_kernel, initialize)
