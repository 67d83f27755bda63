// The addon: an Engine holds a queue with its threads and one instruction set's kernels; each method takes a record of typed
// arrays (arguments.h) and gives a promise of the kernel's status.
#include <napi.h>

#include <memory>
#include <string>

#include "arguments.h"
#include "environment.h"
#include "instruction-sets.h"
#include "kernel-table.h"
#include "large-blocks.h"

namespace {

constexpr double kMostThreads = 1024;

class Engine : public Napi::ObjectWrap<Engine> {
 public:
  static Napi::Function define(Napi::Env env, Environment* environment) {
    return DefineClass(env, "Engine",
                       {InstanceMethod("multiply", &Engine::multiply), InstanceMethod("gram", &Engine::gram),
                        InstanceMethod("topK", &Engine::topK), InstanceMethod("solveShifted", &Engine::solveShifted),
                        InstanceMethod("factor", &Engine::factor), InstanceMethod("solveFactored", &Engine::solveFactored),
                        InstanceMethod("eigen", &Engine::eigen), InstanceMethod("transpose", &Engine::transpose),
                        InstanceMethod("multiplySparse", &Engine::multiplySparse),
                        InstanceMethod("multiplyBothSparse", &Engine::multiplyBothSparse),
                        InstanceMethod("addRbf", &Engine::addRbf), InstanceMethod("resample", &Engine::resample),
                        InstanceMethod("solveRows", &Engine::solveRows)},
                       environment);
  }

  /// new Engine(threads, instructionSet)
  explicit Engine(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<Engine>(info), environment_(static_cast<Environment*>(info.Data())->shared_from_this()) {
    if (!info[1].IsString()) throw Napi::Error::New(info.Env(), "expected the name of an instruction set");
    const std::string name = info[1].As<Napi::String>();
    for (const KernelTable* table : usableKernels()) {
      if (name == table->name) kernels_ = table;
    }
    if (kernels_ == nullptr) throw Napi::Error::New(info.Env(), "this processor lacks the instruction set " + name);
    const double threads = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
    if (!(threads >= 1 && threads <= kMostThreads)) throw Napi::Error::New(info.Env(), "expected a number of threads");
    queue_ = std::make_unique<JobQueue>(static_cast<unsigned>(threads));
    environment_->add(queue_.get());
  }
  ~Engine() override {
    if (queue_ != nullptr) environment_->remove(queue_.get());
  }

 private:
  /// `task` is copied into the job together with the memory that it reads.
  template <class Kernel>
  Napi::Value start(const Napi::CallbackInfo& info, Arguments& in, Kernel kernel) {
    auto memory = std::make_shared<Arguments::Memory>(in.takeMemory());
    Job::Task task = [memory = std::move(memory), kernel](ThreadPool& pool) { return kernel(pool); };
    auto job = std::make_shared<Job>(info.Env(), info.This(), in.record(), std::move(task));
    const Napi::Value promise(info.Env(), job->promise());
    if (job->promise() != nullptr) environment_->start(info.Env(), *queue_, std::move(job));
    return promise;
  }

  Napi::Value multiply(const Napi::CallbackInfo& info) {
    Arguments in(info);
    const size_t rows = in.size("rows"), columns = in.size("columns"), depth = in.size("depth");
    const MultiplyRequest q{in.input<float>("a", rows * depth), in.input<float>("b", columns * depth),
                            in.output<float>("out", rows * columns), rows, columns, depth};
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->multiply(pool, q), kSolved; });
  }

  Napi::Value gram(const Napi::CallbackInfo& info) {
    Arguments in(info);
    const size_t rows = in.size("rows"), columns = in.size("columns");
    const GramRequest q{in.input<float>("a", rows * columns), in.optionalInput<double>("weights", rows),
                        in.output<double>("out", columns * columns), rows, columns, in.number("single") != 0};
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->gram(pool, q); });
  }

  Napi::Value topK(const Napi::CallbackInfo& info) {
    Arguments in(info);
    TopKRequest q{};
    q.queryCount = in.size("queryCount");
    q.itemCount = in.size("itemCount");
    q.dimension = in.size("dimension");
    q.count = in.size("count", 1);
    q.queries = in.input<float>("queries", q.queryCount * q.dimension);
    q.items = in.input<float>("items", q.itemCount * q.dimension);
    if (in.has("excludeIndptr")) {
      const size_t pairs = in.length("excludeIndices");
      q.excludeIndptr = in.offsets("excludeIndptr", q.queryCount, pairs);
      q.excludeIndices = in.input<uint32_t>("excludeIndices", pairs);
    }
    q.views = in.size("views", 1);
    q.lengths = in.ascending("lengths", q.views, q.dimension);
    q.allow = in.optionalInput<uint8_t>("allow", times(in, q.views, q.itemCount));
    q.itemScale = in.optionalInput<float>("itemScale", times(in, q.views, q.itemCount));
    q.asked = in.optionalInput<uint8_t>("asked", times(in, q.views, q.queryCount));
    if (in.has("codes")) {
      q.codes = in.input<int8_t>("codes", q.itemCount * q.dimension);
      q.codeSteps = in.input<float>("codeSteps", q.itemCount);
      q.codeErrors = in.input<float>("codeErrors", q.itemCount);
    }
    const size_t places = times(in, q.views, q.queryCount * q.count);
    q.foundItems = in.output<int32_t>("foundItems", places);
    q.foundScores = in.output<float>("foundScores", places);
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->topK(pool, q), kSolved; });
  }

  static SymmetricInput symmetric(Arguments& in, size_t n) {
    if (in.has("a")) return {in.input<double>("a", n * n), nullptr, nullptr, nullptr, 0};
    return {nullptr, in.input<float>("kernel", n * n), in.input<double>("roots", n), in.input<double>("means", n), in.number("mean")};
  }

  Napi::Value solveShifted(const Napi::CallbackInfo& info) {
    Arguments in(info);
    const size_t n = in.size("n"), columns = in.size("columns"), shifts = in.size("shiftCount");
    const size_t solutions = times(in, shifts, n * columns);
    const ShiftedRequest q{symmetric(in, n), in.input<double>("b", n * columns), in.input<double>("shifts", shifts),
                           in.output<float>("out", solutions), n, columns, shifts};
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->solveShifted(pool, q); });
  }

  Napi::Value factor(const Napi::CallbackInfo& info) {
    Arguments in(info);
    const size_t n = in.size("n");
    const FactorRequest q{symmetric(in, n), in.number("shift"), in.output<double>("out", n * n), n};
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->factor(pool, q); });
  }

  Napi::Value solveFactored(const Napi::CallbackInfo& info) {
    Arguments in(info);
    const size_t n = in.size("n"), columns = in.size("columns");
    const FactoredRequest q{in.input<double>("factor", n * n), in.input<double>("b", n * columns),
                            in.output<float>("out", n * columns), n, columns};
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->solveFactored(pool, q), kSolved; });
  }

  Napi::Value eigen(const Napi::CallbackInfo& info) {
    Arguments in(info);
    const size_t n = in.size("n");
    const EigenRequest q{in.input<double>("a", n * n), in.output<double>("values", n), in.output<double>("vectors", n * n), n};
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->eigen(pool, q); });
  }

  Napi::Value transpose(const Napi::CallbackInfo& info) {
    Arguments in(info);
    TransposeRequest q{};
    q.rows = in.size("rows");
    q.columns = in.size("columns");
    const size_t entries = in.length("indices");
    q.indptr = in.offsets("indptr", q.rows, entries);
    q.indices = in.input<uint32_t>("indices", entries);
    q.values = in.input<float>("values", entries);
    q.outIndptr = in.output<uint32_t>("outIndptr", q.columns + 1);
    q.outIndices = in.output<uint32_t>("outIndices", entries);
    q.outValues = in.output<float>("outValues", entries);
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->transpose(pool, q); });
  }

  Napi::Value multiplySparse(const Napi::CallbackInfo& info) {
    Arguments in(info);
    SparseDenseRequest q{};
    q.rows = in.size("rows");
    q.depth = in.size("depth");
    q.columns = in.size("columns");
    const size_t entries = in.length("indices");
    q.indptr = in.offsets("indptr", q.rows, entries);
    q.indices = in.input<uint32_t>("indices", entries);
    q.values = in.input<float>("values", entries);
    q.b = in.input<float>("b", q.depth * q.columns);
    q.out = in.output<float>("out", q.rows * q.columns);
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->multiplySparse(pool, q); });
  }

  Napi::Value multiplyBothSparse(const Napi::CallbackInfo& info) {
    Arguments in(info);
    SparseSparseRequest q{};
    q.rows = in.size("rows");
    q.depth = in.size("depth");
    q.first = in.size("first");
    q.columns = in.size("columns");
    const size_t entries = in.length("indices"), others = in.length("bIndices");
    q.indptr = in.offsets("indptr", q.rows, entries);
    q.indices = in.input<uint32_t>("indices", entries);
    q.values = in.input<float>("values", entries);
    q.bIndptr = in.offsets("bIndptr", q.depth, others);
    q.bIndices = in.input<uint32_t>("bIndices", others);
    q.bValues = in.input<float>("bValues", others);
    q.start = in.optionalInput<float>("start", q.rows * q.columns);
    q.out = in.output<float>("out", q.rows * q.columns);
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->multiplyBothSparse(pool, q); });
  }

  Napi::Value addRbf(const Napi::CallbackInfo& info) {
    Arguments in(info);
    RbfRequest q{};
    q.rows = in.size("rows");
    q.columns = in.size("columns");
    q.first = in.size("first");
    if (q.first > q.columns) in.fail("a first column among the columns");
    q.sums = in.output<float>("sums", q.rows * q.columns);
    q.products = in.input<float>("products", q.rows * (q.columns - q.first));
    q.productSums = in.optionalOutput<float>("productSums", q.rows * (q.columns - q.first));
    q.x = in.input<float>("x", q.rows);
    q.y = in.input<float>("y", q.columns);
    q.scale = static_cast<float>(in.number("scale"));
    q.width = static_cast<float>(in.number("width"));
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->addRbf(pool, q), kSolved; });
  }

  Napi::Value resample(const Napi::CallbackInfo& info) {
    Arguments in(info);
    ResampleRequest q{};
    q.series = in.size("series");
    q.units = in.size("units");
    q.resamples = in.size("resamples");
    q.seed = in.integer("seed");
    q.values = in.input<double>("values", q.series * q.units);
    q.out = in.output<double>("out", q.series * q.resamples);
    return start(info, in, [q, kernels = kernels_](ThreadPool& pool) { return kernels->resample(pool, q), kSolved; });
  }

  Napi::Value solveRows(const Napi::CallbackInfo& info) {
    Arguments in(info);
    RowSolveRequest q{};
    q.rank = in.size("rank", 1);
    q.rows = in.size("rows");
    q.fixedRows = in.size("fixedRows");
    q.factors = in.input<float>("factors", q.fixedRows * q.rank);
    q.spectrum = in.input<double>("spectrum", q.rank);
    q.toBasis = in.input<double>("toBasis", q.rank * q.rank);
    q.priorToBasis = in.input<double>("priorToBasis", q.rank * q.rank);
    const size_t interactions = in.length("indices");
    q.indptr = in.offsets("indptr", q.rows, interactions);
    q.indices = in.input<uint32_t>("indices", interactions);
    q.confidence = in.input<float>("confidence", interactions);
    q.unobservedWeight = in.number("unobservedWeight");
    q.rowPrecision = in.input<double>("rowPrecision", q.rows);
    q.exposure = in.optionalInput<double>("exposure", q.rows);
    q.prior = in.optionalInput<float>("prior", q.rows * q.rank);
    q.start = in.optionalInput<float>("start", q.rows * q.rank);
    q.steps = in.size("steps");
    q.out = in.output<float>("out", q.rows * q.rank);
    q.turned = in.optionalOutput<float>("turned", q.fixedRows * q.rank);
    Control* control = reinterpret_cast<Control*>(in.shared<int32_t>("control", sizeof(Control) / sizeof(int32_t)));
    return start(info, in, [=, kernels = kernels_](ThreadPool& pool) { return kernels->solveRows(pool, q, control); });
  }

  const KernelTable* kernels_ = nullptr;
  std::shared_ptr<Environment> environment_;
  std::unique_ptr<JobQueue> queue_;
};

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  giveLargeBlocksOwnPages();
  Environment* const environment = Environment::open(env);
  if (environment == nullptr) throw Napi::Error::New(env, "expected an environment that runs jobs");
  Napi::Array names = Napi::Array::New(env);
  for (const KernelTable* table : usableKernels()) names[names.Length()] = Napi::String::New(env, table->name);
  exports["instructionSets"] = names;
  exports["sources"] = Napi::String::New(env, TAILREC_SOURCES);
  exports["Engine"] = Engine::define(env, environment);
  return exports;
}

}  // namespace

NODE_API_MODULE(tailrec_kernel, initialize)
