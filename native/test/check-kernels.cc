// Runs every job of every usable instruction set on awkward shapes, on one, two and five threads: results must agree with
// naive loops and be the same bytes whatever the threads. Built with AddressSanitizer and UndefinedBehaviorSanitizer, and
// with ThreadSanitizer, by sanitize.mjs.
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "../instruction-sets.h"
#include "../job-queue.h"
#include "../kernel-table.h"

namespace {

#ifdef __SANITIZE_THREAD__
constexpr bool kHasThreadSanitizer = true;
#else
constexpr bool kHasThreadSanitizer = false;
#endif

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

uint64_t state = 88172645463325252ull;

/// Uniform in [0, 1), xorshift.
double uniform() {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return static_cast<double>(state >> 11) / 9007199254740992.0;
}

Floats randomFloats(size_t count) {
  Floats values(count);
  for (float& value : values) value = static_cast<float>(2 * uniform() - 1);
  return values;
}

void expect(bool holds, const std::string& claim) {
  if (holds) return;
  std::fprintf(stderr, "failed: %s\n", claim.c_str());
  std::exit(1);
}

template <class T>
void expectNear(const std::vector<T>& values, const Doubles& expected, double tolerance, const std::string& claim) {
  expect(values.size() == expected.size(), claim + ": size");
  for (size_t p = 0; p < values.size(); p++) {
    expect(std::fabs(values[p] - expected[p]) <= tolerance, claim + ": element " + std::to_string(p));
  }
}

/// Runs the job on one, two and five threads and gives the result, which must not depend on them.
template <class T>
std::vector<T> onAnyThreads(size_t size, const std::string& name, const std::function<void(ThreadPool&, std::vector<T>&)>& job) {
  std::vector<T> first(size);
  for (unsigned threads : {1u, 2u, 5u}) {
    ThreadPool pool(threads);
    std::vector<T> result(size);
    job(pool, result);
    if (threads == 1) first = result;
    expect(size == 0 || std::memcmp(first.data(), result.data(), size * sizeof(T)) == 0, name + ": same bytes on any threads");
  }
  return first;
}

void checkProducts(const KernelTable& kernels, size_t rows, size_t columns, size_t depth) {
  const Floats a = randomFloats(rows * depth), b = randomFloats(columns * depth);
  Doubles product(rows * columns), gram(depth * depth);
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < columns; j++) {
      for (size_t p = 0; p < depth; p++) product[i * columns + j] += static_cast<double>(a[i * depth + p]) * b[j * depth + p];
    }
    for (size_t s = 0; s < depth * depth; s++) gram[s] += static_cast<double>(a[i * depth + s / depth]) * a[i * depth + s % depth];
  }
  const auto c = onAnyThreads<float>(rows * columns, "multiply", [&](ThreadPool& pool, Floats& out) {
    kernels.multiply(pool, MultiplyRequest{a.data(), b.data(), out.data(), rows, columns, depth});
  });
  expectNear(c, product, 1e-3, "multiply");
  const auto g = onAnyThreads<double>(depth * depth, "gram", [&](ThreadPool& pool, Doubles& out) {
    kernels.gram(pool, GramRequest{a.data(), nullptr, out.data(), rows, depth, false});
  });
  expectNear(g, gram, 1e-9, "gram");
  const auto rough = onAnyThreads<double>(depth * depth, "gram in float32", [&](ThreadPool& pool, Doubles& out) {
    kernels.gram(pool, GramRequest{a.data(), nullptr, out.data(), rows, depth, true});
  });
  expectNear(rough, gram, 1e-2, "gram in float32");
}

/// Of queries and items in dense rows, without limits; the caller says where the lists go.
TopKRequest searchOf(const Floats& queries, const Floats& items, size_t dimension, size_t count) {
  TopKRequest request{};
  request.queries = queries.data();
  request.items = items.data();
  request.queryCount = queries.size() / dimension;
  request.itemCount = items.size() / dimension;
  request.dimension = dimension;
  request.count = count;
  request.views = 1;
  static uint32_t lengths[1];
  lengths[0] = static_cast<uint32_t>(dimension);
  request.lengths = lengths;
  return request;
}

void checkTopK(const KernelTable& kernels, size_t queries, size_t items, size_t dimension, size_t count) {
  const Floats q = randomFloats(queries * dimension), v = randomFloats(items * dimension);
  Floats scores(queries * count);
  const auto found = onAnyThreads<int32_t>(queries * count, "top-k", [&](ThreadPool& pool, std::vector<int32_t>& out) {
    TopKRequest request = searchOf(q, v, dimension, count);
    request.foundItems = out.data();
    request.foundScores = scores.data();
    kernels.topK(pool, request);
  });
  for (size_t i = 0; i < queries; i++) {
    size_t better = 0;
    const float last = scores[i * count + count - 1];
    for (size_t j = 0; j < items; j++) {
      double score = 0;
      for (size_t p = 0; p < dimension; p++) score += static_cast<double>(q[i * dimension + p]) * v[j * dimension + p];
      better += score > last + 1e-5;
    }
    expect(better < count, "top-k: nothing better was left out");
    expect(found[i * count + count - 1] == -1 ? items < count : items >= count, "top-k: full where it can be");
  }
}

/// The means of resampled means come near the mean.
void checkResample(const KernelTable& kernels, size_t units, size_t resamples) {
  Doubles values(units);
  double mean = 0, drawn = 0;
  for (size_t i = 0; i < units; i++) mean += values[i] = static_cast<double>(i % 7);
  const auto sums = onAnyThreads<double>(resamples, "resample", [&](ThreadPool& pool, Doubles& out) {
    kernels.resample(pool, ResampleRequest{values.data(), out.data(), 1, units, resamples, 3});
  });
  for (double sum : sums) drawn += sum / static_cast<double>(resamples);
  expect(std::fabs(drawn - mean) < 0.05 * mean, "resample: sums are about the sum");
}

/// Two views of one search: as two searches, to the bit.
void checkViews(const KernelTable& kernels, size_t queries, size_t items, size_t dimension, size_t count) {
  const Floats q = randomFloats(queries * dimension), v = randomFloats(items * dimension), scales = randomFloats(2 * items);
  const uint32_t lengths[] = {static_cast<uint32_t>(dimension / 2), static_cast<uint32_t>(dimension)};
  std::vector<uint8_t> allow(2 * items);
  for (size_t j = 0; j < 2 * items; j++) allow[j] = j % 3 != 0;
  const auto listed = [&](size_t first, size_t views) {
    return onAnyThreads<int32_t>(views * queries * count, "top-k in views", [&](ThreadPool& pool, std::vector<int32_t>& out) {
      Floats scores(views * queries * count);
      TopKRequest request = searchOf(q, v, dimension, count);
      request.views = views;
      request.lengths = lengths + first;
      request.allow = allow.data() + first * items;
      request.itemScale = scales.data() + first * items;
      request.foundItems = out.data();
      request.foundScores = scores.data();
      kernels.topK(pool, request);
    });
  };
  std::vector<int32_t> apart = listed(0, 1);
  const std::vector<int32_t> second = listed(1, 1);
  apart.insert(apart.end(), second.begin(), second.end());
  expect(listed(0, 2) == apart, "top-k: views share products and no list");
}

/// Codes that are rough, with errors that say so: the lists are those of a search without.
void checkCodes(const KernelTable& kernels, size_t queries, size_t items, size_t dimension, size_t count) {
  const Floats q = randomFloats(queries * dimension), v = randomFloats(items * dimension);
  std::vector<int8_t> codes(items * dimension);
  Floats steps(items, 0.1f), errors(items);
  for (size_t j = 0; j < items; j++) {
    double lost = 0;
    for (size_t p = j * dimension; p < (j + 1) * dimension; p++) {
      codes[p] = static_cast<int8_t>(std::lround(v[p] / 0.1));
      lost += (v[p] - 0.1f * codes[p]) * (v[p] - 0.1f * codes[p]);
    }
    errors[j] = static_cast<float>(1.0001 * std::sqrt(lost));
  }
  const auto listed = [&](bool coded) {
    return onAnyThreads<int32_t>(queries * count, "top-k by codes", [&](ThreadPool& pool, std::vector<int32_t>& out) {
      Floats scores(queries * count);
      TopKRequest request = searchOf(q, v, dimension, count);
      if (coded) {
        request.codes = codes.data();
        request.codeSteps = steps.data();
        request.codeErrors = errors.data();
      }
      request.foundItems = out.data();
      request.foundScores = scores.data();
      kernels.topK(pool, request);
    });
  };
  expect(listed(true) == listed(false), "top-k: codes change no list");
}

/// A random symmetric positive definite matrix.
Doubles randomDefinite(size_t n) {
  const Floats x = randomFloats(n * n);
  Doubles a(n * n);
  for (size_t i = 0; i < n * n; i++) {
    for (size_t p = 0; p < n; p++) a[i] += static_cast<double>(x[p * n + i / n]) * x[p * n + i % n];
  }
  return a;
}

/// `isCentred`: the matrix is given as a kernel, its roots and its means, which say the same.
void checkShifted(const KernelTable& kernels, size_t n, size_t columns, bool isCentred) {
  Doubles a = randomDefinite(n);
  const Doubles shifts{0.5, 20}, means(n, -3), roots(n, 2);
  const Floats kernel(a.begin(), a.end());
  for (size_t p = 0; p < n * n; p++) a[p] = isCentred ? 4 * (static_cast<double>(kernel[p]) + 7) : a[p];
  const SymmetricInput input = isCentred ? SymmetricInput{nullptr, kernel.data(), roots.data(), means.data(), 1}
                                         : SymmetricInput{a.data(), nullptr, nullptr, nullptr, 0};
  const Floats right = randomFloats(n * columns);
  const Doubles b(right.begin(), right.end());
  const auto x = onAnyThreads<float>(2 * n * columns, "shifted", [&](ThreadPool& pool, Floats& out) {
    const ShiftedRequest request{input, b.data(), shifts.data(), out.data(), n, columns, 2};
    expect(kernels.solveShifted(pool, request) == kSolved, "shifted: solved");
  });
  Doubles back(2 * n * columns), twice = b;
  twice.insert(twice.end(), b.begin(), b.end());
  for (size_t s = 0; s < 2; s++) {
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j < columns; j++) {
        double& sum = back[(s * n + i) * columns + j];
        for (size_t p = 0; p < n; p++) sum += (a[i * n + p] + (p == i ? shifts[s] : 0)) * x[(s * n + p) * columns + j];
      }
    }
  }
  expectNear(back, twice, 1e-3, "shifted: A x = b");
  const auto kept = onAnyThreads<double>(n * n, "factor", [&](ThreadPool& pool, Doubles& out) {
    expect(kernels.factor(pool, FactorRequest{input, shifts[0], out.data(), n}) == kSolved, "factor: done");
  });
  const auto again = onAnyThreads<float>(n * columns, "factored", [&](ThreadPool& pool, Floats& out) {
    kernels.solveFactored(pool, FactoredRequest{kept.data(), b.data(), out.data(), n, columns});
  });
  expect(again == Floats(x.begin(), x.begin() + static_cast<int64_t>(n * columns)), "factored: what the shifted solve gives");
}

/// Row systems in a basis of their own: T = I, g random.
struct RowExample {
  explicit RowExample(size_t rank) : rank(rank), basis(rank * rank), spectrum(rank), factors(randomFloats(fixed * rank)) {
    for (size_t d = 0; d < rank; d++) basis[d * rank + d] = 1;
    for (size_t d = 0; d < rank; d++) spectrum[d] = static_cast<double>(fixed) * (1 + uniform()) / static_cast<double>(d + 1);
    indptr.push_back(0);
    for (size_t i = 0; i < rows; i++) {
      const size_t count = i % 5 == 0 ? 0 : (i * 7) % (2 * rank + 9);
      for (size_t p = 0; p < count; p++) indices.push_back(static_cast<uint32_t>(uniform() * fixed));
      indptr.push_back(static_cast<uint32_t>(indices.size()));
    }
    for (size_t p = 0; p < indices.size(); p++) confidence.push_back(static_cast<float>(0.5 + uniform()));
    precision.assign(rows, 3);
  }

  RowSolveRequest request(Floats& out, size_t steps) const {
    RowSolveRequest q{};
    q.rank = rank;
    q.rows = rows;
    q.fixedRows = fixed;
    q.factors = factors.data();
    q.spectrum = spectrum.data();
    q.toBasis = q.priorToBasis = basis.data();
    q.indptr = indptr.data();
    q.indices = indices.data();
    q.confidence = confidence.data();
    q.unobservedWeight = 0.1;
    q.rowPrecision = precision.data();
    q.out = out.data();
    q.steps = steps;
    return q;
  }

  static constexpr size_t rows = 120, fixed = 90;
  size_t rank;
  Doubles basis, spectrum, precision;
  Floats factors, confidence;
  std::vector<uint32_t> indptr, indices;
};

/// The largest residual of the normal equations of all rows.
double residualOf(const RowExample& e, const Floats& h) {
  double worst = 0;
  for (size_t i = 0; i < e.rows; i++) {
    Doubles r(e.rank);
    for (size_t d = 0; d < e.rank; d++) r[d] = -(0.1 * e.spectrum[d] + 3) * h[i * e.rank + d];
    for (size_t p = e.indptr[i]; p < e.indptr[i + 1]; p++) {
      const float* z = e.factors.data() + e.indices[p] * e.rank;
      double fit = 0;
      for (size_t d = 0; d < e.rank; d++) fit += static_cast<double>(z[d]) * h[i * e.rank + d];
      for (size_t d = 0; d < e.rank; d++) r[d] += e.confidence[p] * (1 - fit) * z[d];
    }
    for (double value : r) worst = std::fmax(worst, std::fabs(value));
  }
  return worst;
}

void checkRows(const KernelTable& kernels, size_t rank) {
  const RowExample example(rank);
  for (size_t steps : {0, 30}) {
    const auto h = onAnyThreads<float>(example.rows * rank, "rows", [&](ThreadPool& pool, Floats& out) {
      Control control{0, 0, 0};
      expect(kernels.solveRows(pool, example.request(out, steps), &control) == kSolved, "rows: solved");
    });
    expect(residualOf(example, h) < (steps == 0 ? 1e-3 : 0.2), "rows: normal equations, rank " + std::to_string(rank));
  }
  RowExample bad(rank);
  bad.indices.back() = bad.fixed;
  ThreadPool pool(2);
  Floats out(bad.rows * rank);
  for (size_t steps : {0, 3}) {
    expect(kernels.solveRows(pool, bad.request(out, steps), nullptr) == kUnsound, "rows: an index out of range is refused");
  }
}

/// Turned by T = T' = I - 2/k 11', the problem in that basis has the same residuals, and factors come back as w T.
void checkTurnedRows(const KernelTable& kernels, size_t rank) {
  const RowExample plain(rank);
  RowExample e = plain;
  for (double& value : e.basis) value -= 2.0 / static_cast<double>(rank);
  Doubles z(e.factors.size());
  for (size_t p = 0; p < z.size(); p++) {
    for (size_t d = 0; d < rank; d++) z[p] += e.factors[p / rank * rank + d] * e.basis[d * rank + p % rank];
  }
  Floats solution(e.rows * rank);
  const auto turned = onAnyThreads<float>(z.size(), "turned rows", [&](ThreadPool& pool, Floats& out) {
    out = plain.factors;
    RowSolveRequest q = e.request(solution, 30);
    q.factors = q.turned = out.data();
    Control control{0, 0, 0};
    expect(kernels.solveRows(pool, q, &control) == kSolved, "turned rows: solved");
  });
  expectNear(turned, z, 1e-5, "turned rows: the factors in the basis");
  e.factors = turned;
  expect(residualOf(e, solution) < 0.2, "turned rows: normal equations, rank " + std::to_string(rank));
}

void checkTranspose(const KernelTable& kernels) {
  const RowExample e(16);
  const size_t entries = e.indices.size(), heads = e.fixed + 1;
  Floats values(entries);
  const auto placed = onAnyThreads<uint32_t>(heads + entries, "transpose", [&](ThreadPool& pool, std::vector<uint32_t>& out) {
    const TransposeRequest q{e.rows,  e.fixed, e.indptr.data(), e.indices.data(), e.confidence.data(), out.data(), out.data() + heads,
                             values.data()};
    expect(kernels.transpose(pool, q) == kSolved, "transpose: done");
  });
  std::vector<uint32_t> expected{0};
  Floats expectedValues;
  std::vector<uint32_t> rows;
  for (size_t j = 0; j < e.fixed; j++) {
    for (size_t i = 0; i < e.rows; i++) {
      for (size_t p = e.indptr[i]; p < e.indptr[i + 1]; p++) {
        if (e.indices[p] != j) continue;
        rows.push_back(static_cast<uint32_t>(i));
        expectedValues.push_back(e.confidence[p]);
      }
    }
    expected.push_back(static_cast<uint32_t>(rows.size()));
  }
  expected.insert(expected.end(), rows.begin(), rows.end());
  expect(placed == expected && values == expectedValues, "transpose: agrees with the search for every column");
}

void checkSparseProducts(const KernelTable& kernels, size_t columns, size_t first) {
  const RowExample e(16);
  const size_t rows = e.rows, depth = e.fixed, width = first + columns;
  std::vector<uint32_t> heads{0}, indices;
  Floats values;
  Doubles dense(depth * width);
  for (size_t i = 0; i < depth; i++) {
    for (size_t j = 0; j < width; j++) {
      if (uniform() > 0.3) continue;
      indices.push_back(static_cast<uint32_t>(j));
      values.push_back(static_cast<float>(uniform()));
      dense[i * width + j] = values.back();
    }
    heads.push_back(static_cast<uint32_t>(indices.size()));
  }
  const Floats full(dense.begin(), dense.end()), start = randomFloats(rows * columns);
  Doubles expected(rows * width), part(rows * columns);
  for (size_t i = 0; i < rows; i++) {
    for (size_t p = e.indptr[i]; p < e.indptr[i + 1]; p++) {
      for (size_t j = 0; j < width; j++) expected[i * width + j] += e.confidence[p] * dense[e.indices[p] * width + j];
    }
    for (size_t j = 0; j < columns; j++) part[i * columns + j] = expected[i * width + first + j] + start[i * columns + j];
  }
  const auto product = onAnyThreads<float>(rows * width, "multiply sparse", [&](ThreadPool& pool, Floats& out) {
    const SparseDenseRequest q{rows, depth, width, e.indptr.data(), e.indices.data(), e.confidence.data(), full.data(), out.data()};
    expect(kernels.multiplySparse(pool, q) == kSolved, "multiply sparse: done");
  });
  expectNear(product, expected, 1e-3, "multiply sparse");
  const auto sum = onAnyThreads<float>(rows * columns, "multiply both sparse", [&](ThreadPool& pool, Floats& out) {
    const SparseSparseRequest q{rows,         depth,          first,         columns,      e.indptr.data(), e.indices.data(), e.confidence.data(),
                                heads.data(), indices.data(), values.data(), start.data(), out.data()};
    expect(kernels.multiplyBothSparse(pool, q) == kSolved, "multiply both sparse: done");
  });
  expectNear(sum, part, 1e-3, "multiply both sparse");
}

void checkRbf(const KernelTable& kernels, size_t rows, size_t columns, size_t first) {
  const Floats start = randomFloats(rows * columns), products = randomFloats(rows * (columns - first));
  Floats x(rows), y(columns);
  for (float& square : x) square = static_cast<float>(3 * uniform());
  for (float& square : y) square = uniform() < 0.1 ? INFINITY : static_cast<float>(200 * uniform());
  Doubles expected(start.begin(), start.end());
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = first; j < columns; j++) {
      const double distance = static_cast<double>(x[i]) + y[j] - 2.0 * products[i * (columns - first) + j - first];
      expected[i * columns + j] += 0.7 * std::exp(-std::fmax(0, distance) / 1.5);
    }
  }
  Floats added;
  const auto sums = onAnyThreads<float>(rows * columns, "rbf", [&](ThreadPool& pool, Floats& out) {
    out = start;
    added.assign(products.size(), 1);
    kernels.addRbf(pool, RbfRequest{out.data(), products.data(), added.data(), x.data(), y.data(), 0.7f, 1.5f, rows, first, columns});
  });
  expectNear(sums, expected, 2e-6, "rbf");
  for (size_t p = 0; p < added.size(); p++) expect(added[p] == 1 + products[p], "rbf: sums of products");
}

/// A cancelled job claims nothing; one that ran says that all its tasks are done.
void checkControl(const KernelTable& kernels) {
  const RowExample example(33);
  for (size_t steps : {0, 3}) {
    ThreadPool pool(2);
    Floats out(example.rows * example.rank);
    Control cancelled{1, 0, 0}, running{0, 0, 0};
    kernels.solveRows(pool, example.request(out, steps), &cancelled);
    expect(cancelled.done == 0 && out == Floats(out.size()), "control: nothing is done once cancelled");
    kernels.solveRows(pool, example.request(out, steps), &running);
    expect(running.tasks > 1 && running.done == running.tasks, "control: every task is counted");
  }
}

/// Indices that another thread overwrites in the middle of a job, as JavaScript may in shared memory: whatever comes out, nothing
/// beyond the factors is read or written.
void checkChangingIndices(const KernelTable& kernels, size_t rank) {
  RowExample example(rank);
  const std::vector<uint32_t> indices = example.indices;
  std::atomic<bool> done{false};
  std::thread careless([&] {
    for (uint32_t turn = 0; !done; turn++) {
      for (size_t p = 0; p < indices.size(); p++) {
        __atomic_store_n(&example.indices[p], turn % 2 == 0 ? indices[p] : UINT32_MAX - turn, __ATOMIC_RELAXED);
      }
    }
  });
  ThreadPool pool(2);
  Floats out(example.rows * rank), values(indices.size());
  std::vector<uint32_t> placed(example.fixed + 1 + indices.size());
  for (size_t steps : {0, 3, 0, 3, 0, 3}) {
    kernels.solveRows(pool, example.request(out, steps), nullptr);
    kernels.transpose(pool, TransposeRequest{example.rows, example.fixed, example.indptr.data(), example.indices.data(),
                                             example.confidence.data(), placed.data(), placed.data() + example.fixed + 1,
                                             values.data()});
    const SparseDenseRequest dense{example.rows,           example.fixed,          rank,       example.indptr.data(), example.indices.data(),
                                   example.confidence.data(), example.factors.data(), out.data()};
    kernels.multiplySparse(pool, dense);
  }
  done = true;
  careless.join();
}

/// A queue runs its jobs in order; closed, it stops the one that runs, drops the others, and leaves no thread.
void checkQueue(const KernelTable& kernels) {
  std::vector<int> order;
  JobQueue queue(3);
  std::atomic<int> ended{0};
  for (int job = 0; job < 3; job++) queue.push([&order, &ended, job](ThreadPool&) { order.push_back(job), ended++; });
  while (ended < 3) std::this_thread::yield();
  expect(order == std::vector<int>{0, 1, 2}, "queue: jobs run in the order in which they came");
  std::atomic<bool> begun{false};
  bool stopped = false;
  const Doubles a = randomDefinite(60);
  queue.push([&](ThreadPool& pool) {
    begun = true;
    Doubles values(60), vectors(3600);
    try {
      for (;;) kernels.eigen(pool, EigenRequest{a.data(), values.data(), vectors.data(), 60});
    } catch (const Stopped&) {
      stopped = true;
    }
  });
  queue.push([&](ThreadPool&) { order.push_back(3); });
  while (!begun) std::this_thread::yield();
  queue.close();
  queue.push([&](ThreadPool&) { order.push_back(4); });
  queue.close();
  expect(stopped && order.size() == 3, "queue: closing stops the running job and drops the rest");
}

/// The assertions of a build without NDEBUG: row offsets that descend must abort, in a child process.
void checkAssertions(const KernelTable& kernels) {
  const pid_t child = fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(2);
    RowExample example(7);
    std::swap(example.indptr[1], example.indptr[2]);
    ThreadPool pool(1);
    Floats out(example.rows * example.rank);
    kernels.solveRows(pool, example.request(out, 0), nullptr);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "assertions: descending row offsets abort a debug build");
}

void checkEigen(const KernelTable& kernels, size_t n) {
  const Doubles a = randomDefinite(n);
  Doubles values(n);
  const auto v = onAnyThreads<double>(n * n, "eigen", [&](ThreadPool& pool, Doubles& out) {
    expect(kernels.eigen(pool, EigenRequest{a.data(), values.data(), out.data(), n}) == kSolved, "eigen: converged");
  });
  Doubles back(n * n);
  for (size_t p = 0; p < n * n; p++) {
    for (size_t j = 0; j < n; j++) back[p] += v[p / n * n + j] * values[j] * v[p % n * n + j];
  }
  expectNear(back, a, 1e-9 * static_cast<double>(n * n), "eigen: V diag(values) V' = A");
}

}  // namespace

int main() {
  for (const KernelTable* kernels : usableKernels()) {
    checkProducts(*kernels, 0, 3, 2);
    checkProducts(*kernels, 1, 1, 1);
    checkProducts(*kernels, 61, 37, 300);
    checkProducts(*kernels, 2100, 5, 17);
    for (size_t queries : {1, 4, 5, 70}) checkTopK(*kernels, queries, 20000, 19, 7);
    for (size_t items : {2000, 20000}) checkTopK(*kernels, 130, items, 19, 7);
    checkCodes(*kernels, 3, 500, 37, 7);
    checkResample(*kernels, 501, 203);
    for (size_t queries : {4, 70}) checkViews(*kernels, queries, 20000, 19, 7);
    checkTopK(*kernels, 9, 3, 5, 6);
    for (size_t n : {1, 2, 31, 33, 100, 250}) {
      for (bool isCentred : {false, true}) checkShifted(*kernels, n, n % 40 + 1, isCentred);
    }
    for (size_t n : {1, 2, 3, 17, 100}) checkEigen(*kernels, n);
    for (size_t rank : {1, 7, 16, 32, 33, 64, 128, 130, 256}) checkRows(*kernels, rank);
    for (size_t rank : {7, 33, 64}) checkTurnedRows(*kernels, rank);
    checkTranspose(*kernels);
    for (size_t first : {0, 5}) checkSparseProducts(*kernels, 37, first);
    for (size_t first : {0, 7}) checkRbf(*kernels, 45, 70, first);
    checkControl(*kernels);
    // A race on purpose, which ThreadSanitizer would report.
    if (!kHasThreadSanitizer) {
      for (size_t rank : {7, 33}) checkChangingIndices(*kernels, rank);
    }
    checkQueue(*kernels);
    checkAssertions(*kernels);
    std::printf("%s: every job agrees with its naive loop, on any number of threads\n", kernels->name);
  }
}
