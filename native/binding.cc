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

template <class T>
constexpr napi_typedarray_type kArrayType = napi_float32_array;
template <>
constexpr napi_typedarray_type kArrayType<double> = napi_float64_array;
template <>
constexpr napi_typedarray_type kArrayType<uint32_t> = napi_uint32_array;
template <>
constexpr napi_typedarray_type kArrayType<int32_t> = napi_int32_array;
template <>
constexpr napi_typedarray_type kArrayType<uint8_t> = napi_uint8_array;

/// A job's record of arguments: reads fields as pointers and numbers; absent arrays are null. An array of another length
/// than the job will read or write is an error here, whatever was checked before.
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo& info) : record_(info[0].As<Napi::Object>()) {}

  template <class T>
  T* array(const char* name, size_t length) const {
    T* const data = optional<T>(name, length);
    if (data == nullptr && length > 0) throw Napi::Error::New(record_.Env(), std::string("expected an array ") + name);
    return data;
  }
  template <class T>
  T* optional(const char* name, size_t length) const {
    const Napi::Value value = record_.Get(name);
    if (!value.IsTypedArray()) return nullptr;
    const auto array = value.As<Napi::TypedArray>();
    if (array.TypedArrayType() != kArrayType<T> || array.ElementLength() != length) {
      throw Napi::Error::New(record_.Env(), std::string("expected ") + name + " of " + std::to_string(length) + " numbers");
    }
    return value.As<Napi::TypedArrayOf<T>>().Data();
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
                        InstanceMethod("eigen", &Engine::eigen), InstanceMethod("transpose", &Engine::transpose),
                        InstanceMethod("solveRows", &Engine::solveRows)});
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
    const size_t rows = in.size("rows"), columns = in.size("columns"), depth = in.size("depth");
    const MultiplyRequest q{in.array<float>("a", rows * depth), in.array<float>("b", columns * depth),
                            in.array<float>("out", rows * columns), rows, columns, depth};
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->multiply(pool, q), kSolved; });
  }

  Napi::Value gram(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    const size_t rows = in.size("rows"), columns = in.size("columns");
    const GramRequest q{in.array<float>("a", rows * columns), in.optional<double>("weights", rows),
                        in.array<double>("out", columns * columns), rows, columns, in.number("single") != 0};
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->gram(pool, q), kSolved; });
  }

  Napi::Value topK(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    TopKRequest q{};
    q.queryCount = in.size("queryCount");
    q.itemCount = in.size("itemCount");
    q.dimension = in.size("dimension");
    q.count = in.size("count");
    q.queries = in.array<float>("queries", q.queryCount * q.dimension);
    q.items = in.array<float>("items", q.itemCount * q.dimension);
    q.excludeStart = in.optional<uint32_t>("excludeStart", q.queryCount + 1);
    if (q.excludeStart != nullptr) q.excludeItems = in.array<uint32_t>("excludeItems", q.excludeStart[q.queryCount]);
    q.allow = in.optional<uint8_t>("allow", q.itemCount);
    q.itemScale = in.optional<float>("itemScale", q.itemCount);
    q.foundItems = in.array<int32_t>("foundItems", q.queryCount * q.count);
    q.foundScores = in.array<float>("foundScores", q.queryCount * q.count);
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->topK(pool, q), kSolved; });
  }

  Napi::Value solveShifted(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    const size_t n = in.size("n"), columns = in.size("columns"), shifts = in.size("shiftCount");
    const ShiftedRequest q{in.array<double>("a", n * n), in.array<double>("b", n * columns), in.array<double>("shifts", shifts),
                           in.array<float>("out", shifts * n * columns), n, columns, shifts};
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->solveShifted(pool, q); });
  }

  Napi::Value eigen(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    const size_t n = in.size("n");
    const EigenRequest q{in.array<double>("a", n * n), in.array<double>("values", n), in.array<double>("vectors", n * n), n};
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->eigen(pool, q); });
  }

  Napi::Value transpose(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    TransposeRequest q{};
    q.rows = in.size("rows");
    q.columns = in.size("columns");
    q.rowStart = in.array<uint32_t>("rowStart", q.rows + 1);
    const size_t entries = q.rowStart[q.rows];
    q.indices = in.array<uint32_t>("indices", entries);
    q.values = in.array<float>("values", entries);
    q.outRowStart = in.array<uint32_t>("outRowStart", q.columns + 1);
    q.outIndices = in.array<uint32_t>("outIndices", entries);
    q.outValues = in.array<float>("outValues", entries);
    return start(in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->transpose(pool, q); });
  }

  Napi::Value solveRows(const Napi::CallbackInfo& info) {
    const Arguments in(info);
    RowSolveRequest q{};
    q.rank = in.size("rank");
    q.rows = in.size("rows");
    q.fixedRows = in.size("fixedRows");
    q.factors = in.array<float>("factors", q.fixedRows * q.rank);
    q.spectrum = in.array<double>("spectrum", q.rank);
    q.toBasis = in.array<double>("toBasis", q.rank * q.rank);
    q.priorToBasis = in.array<double>("priorToBasis", q.rank * q.rank);
    q.rowStart = in.array<uint32_t>("rowStart", q.rows + 1);
    q.indices = in.array<uint32_t>("indices", q.rowStart[q.rows]);
    q.confidence = in.array<float>("confidence", q.rowStart[q.rows]);
    q.unobservedWeight = in.number("unobservedWeight");
    q.rowPrecision = in.array<double>("rowPrecision", q.rows);
    q.exposure = in.optional<double>("exposure", q.rows);
    q.prior = in.optional<float>("prior", q.rows * q.rank);
    q.start = in.optional<float>("start", q.rows * q.rank);
    q.steps = in.size("steps");
    q.out = in.array<float>("out", q.rows * q.rank);
    q.turned = in.optional<float>("turned", q.fixedRows * q.rank);
    Control* control = reinterpret_cast<Control*>(in.array<int32_t>("control", sizeof(Control) / sizeof(int32_t)));
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
