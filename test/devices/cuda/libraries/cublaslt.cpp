// A libcublasLt without a GPU: keeps the descriptors that it is given and computes what they say, one number after another.
#include "fake.hpp"

using fake::Type;

namespace {

enum Status { SUCCESS = 0, INVALID_VALUE = 7, NOT_SUPPORTED = 15 };

struct Matmul {
  int compute, scale;
  int32_t transA = 0, transB = 0, epilogue = 1;
  const void* bias = nullptr;
};

struct Layout {
  Type type;
  uint64_t rows, cols;
  int64_t lead;
  int32_t batches = 1;
  int64_t stride = 0;
};

struct Preference {
  uint64_t workspace = 0;
  uint32_t alignments[4] = {256, 256, 256, 256};
};

struct Result {
  uint64_t algorithm[8];
  size_t workspace;
  int status;
  float waves;
  int reserved[4];
};
static_assert(sizeof(Result) == 96, "cublasLtMatmulHeuristicResult_t has 96 bytes");

const uint64_t MAGIC = 0x616c676f;

template <class T>
int assign(T& target, const void* value, size_t bytes) {
  if (bytes != sizeof(T)) return INVALID_VALUE;
  std::memcpy(&target, value, bytes);
  return SUCCESS;
}

void count(int by) { fake::set("live", fake::get("live") + by); }

bool matches(const Matmul& m, const Layout& a, const Layout& b, const Layout& c, const Layout& d) {
  const uint64_t rows = m.transA ? a.cols : a.rows, depth = m.transA ? a.rows : a.cols;
  const uint64_t cols = m.transB ? b.rows : b.cols, other = m.transB ? b.cols : b.rows;
  const Layout* all[] = {&a, &b, &c, &d};
  for (const Layout* layout : all) {
    if (layout->lead < int64_t(layout->rows) || layout->batches != d.batches || layout->type != d.type) return false;
  }
  return depth == other && d.rows == rows && d.cols == cols && c.rows == rows && c.cols == cols;
}

}  // namespace

#define INJECT(name) \
  if (const int status = fake::injected(name)) return status

extern "C" {

size_t cublasLtGetVersion() { return 130101; }
const char* cublasLtGetStatusName(int status) {
  return status == NOT_SUPPORTED ? "CUBLAS_STATUS_NOT_SUPPORTED" : "CUBLAS_STATUS_INVALID_VALUE";
}
const char* cublasLtGetStatusString(int status) {
  return status == NOT_SUPPORTED ? "the requested functionality is not supported" : "an unsupported value was passed";
}

int cublasLtCreate(void** handle) {
  INJECT("cublasLtCreate");
  count(1);
  *handle = new int(42);
  return SUCCESS;
}
int cublasLtDestroy(void* handle) {
  count(-1);
  delete static_cast<int*>(handle);
  return SUCCESS;
}

int cublasLtMatmulDescCreate(void** made, int compute, int scale) {
  if ((compute != 68 && compute != 77) || scale != 0) return INVALID_VALUE;
  count(1);
  *made = new Matmul{compute, scale};
  return SUCCESS;
}
int cublasLtMatmulDescDestroy(void* matmul) {
  count(-1);
  delete static_cast<Matmul*>(matmul);
  return SUCCESS;
}
int cublasLtMatmulDescSetAttribute(void* object, int attribute, const void* value, size_t bytes) {
  auto& m = *static_cast<Matmul*>(object);
  if (attribute == 3) return assign(m.transA, value, bytes);
  if (attribute == 4) return assign(m.transB, value, bytes);
  if (attribute == 7) return assign(m.epilogue, value, bytes);
  if (attribute == 8) return assign(m.bias, value, bytes);
  return INVALID_VALUE;
}

int cublasLtMatrixLayoutCreate(void** made, int type, uint64_t rows, uint64_t cols, int64_t lead) {
  if (type != 0 && type != 2 && type != 14) return INVALID_VALUE;
  count(1);
  *made = new Layout{type == 0 ? Type::f32 : type == 2 ? Type::f16 : Type::bf16, rows, cols, lead};
  return SUCCESS;
}
int cublasLtMatrixLayoutDestroy(void* layout) {
  count(-1);
  delete static_cast<Layout*>(layout);
  return SUCCESS;
}
int cublasLtMatrixLayoutSetAttribute(void* object, int attribute, const void* value, size_t bytes) {
  auto& layout = *static_cast<Layout*>(object);
  if (attribute == 5) return assign(layout.batches, value, bytes);
  if (attribute == 6) return assign(layout.stride, value, bytes);
  return INVALID_VALUE;
}

int cublasLtMatmulPreferenceCreate(void** made) {
  count(1);
  *made = new Preference;
  return SUCCESS;
}
int cublasLtMatmulPreferenceDestroy(void* preference) {
  count(-1);
  delete static_cast<Preference*>(preference);
  return SUCCESS;
}
int cublasLtMatmulPreferenceSetAttribute(void* object, int attribute, const void* value, size_t bytes) {
  auto& preference = *static_cast<Preference*>(object);
  if (attribute == 1) return assign(preference.workspace, value, bytes);
  if (attribute >= 5 && attribute <= 8) return assign(preference.alignments[attribute - 5], value, bytes);
  return INVALID_VALUE;
}

// Three algorithms, the second of which the library then calls unsupported; of unaligned matrices one.
int cublasLtMatmulAlgoGetHeuristic(void*, void* matmul, void* a, void* b, void* c, void* d, void* preference, int wanted,
                                   Result* results, int* found) {
  INJECT("cublasLtMatmulAlgoGetHeuristic");
  auto layout = [](void* object) -> Layout& { return *static_cast<Layout*>(object); };
  const auto& m = *static_cast<Matmul*>(matmul);
  if ((m.epilogue & 4) && !m.bias) return INVALID_VALUE;
  if (!matches(m, layout(a), layout(b), layout(c), layout(d))) return INVALID_VALUE;
  const auto& limits = *static_cast<Preference*>(preference);
  fake::set("workspace limit", int64_t(limits.workspace));
  const uint32_t alignment = *std::min_element(limits.alignments, limits.alignments + 4);
  fake::set("alignment", alignment);
  *found = std::min(wanted, alignment < 16 ? 1 : 3);
  for (int i = 0; i < *found; i++) results[i] = {{MAGIC, uint64_t(i)}, size_t(i) * 512, i == 1 ? NOT_SUPPORTED : SUCCESS};
  return SUCCESS;
}

int cublasLtMatmul(void* handle, void* matmul, const float* alpha, const void* A, void* aLayout, const void* B, void* bLayout,
                   const float* beta, const void* C, void* cLayout, void* D, void* dLayout, const uint64_t* algorithm,
                   void* workspace, size_t workspaceBytes, void* stream) {
  INJECT("cublasLtMatmul");
  const auto& m = *static_cast<Matmul*>(matmul);
  const auto &a = *static_cast<Layout*>(aLayout), &b = *static_cast<Layout*>(bLayout);
  const auto &c = *static_cast<Layout*>(cLayout), &d = *static_cast<Layout*>(dLayout);
  if (*static_cast<int*>(handle) != 42 || algorithm[0] != MAGIC || !matches(m, a, b, c, d)) return INVALID_VALUE;
  if (workspaceBytes != algorithm[1] * 512 || (workspaceBytes > 0 && !workspace)) return INVALID_VALUE;
  if ((m.epilogue & 4) && !m.bias) return INVALID_VALUE;
  fake::set("stream", reinterpret_cast<int64_t>(stream));
  const uint64_t depth = m.transA ? a.rows : a.cols;
  auto factor = [&](const void* base, const Layout& layout, int64_t batch, uint64_t row, uint64_t col, bool turned) {
    const int64_t at = batch * layout.stride + (turned ? col + row * layout.lead : row + col * layout.lead);
    const float x = fake::load(base, at, layout.type);
    return m.compute == 77 ? fake::tf32(x) : x;
  };
  for (int32_t batch = 0; batch < d.batches; batch++) {
    for (uint64_t col = 0; col < d.cols; col++) {
      for (uint64_t row = 0; row < d.rows; row++) {
        double sum = 0;
        for (uint64_t k = 0; k < depth; k++)
          sum += double(factor(A, a, batch, row, k, m.transA)) * factor(B, b, batch, k, col, m.transB);
        sum *= *alpha;
        if (*beta != 0) sum += *beta * double(fake::load(C, batch * c.stride + row + col * c.lead, c.type));
        if (m.epilogue & 4) sum += fake::load(m.bias, row, d.type);
        if (m.epilogue & 2) sum = std::max(sum, 0.0);
        fake::store(D, batch * d.stride + row + col * d.lead, d.type, float(sum));
      }
    }
  }
  return SUCCESS;
}

}  // extern "C"
