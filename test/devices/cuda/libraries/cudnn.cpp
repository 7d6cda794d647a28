// A libcudnn without a GPU: keeps the descriptors that it is given, checks them as the documentation says, and computes what
// their graphs say, one number after another. Numbers are those of cudnn_graph_v9.h.
#include "fake.hpp"

using fake::Type;

namespace {

enum Status { SUCCESS = 0, BAD_PARAM = 2000, NOT_FINALIZED = 2004, ATTRIBUTE_TYPE = 2010, NOT_SUPPORTED = 3000 };
enum Kind { POINTWISE = 0, CONVOLUTION = 1, ENGINE = 2, CONFIG = 3, HEUR = 4, PLAN = 5, CONV_OP = 10, POINTWISE_OP = 13,
            GRAPH = 15, PACK = 16, TENSOR = 17 };
enum AttributeType { HANDLE, DATA_TYPE, BOOLEAN, INT64, FLOAT, DOUBLE, VOID_PTR, CONV_MODE, HEUR_MODE, NOTE = 11,
                     POINTWISE_MODE = 14, DESCRIPTOR = 15 };

// Which type each attribute has, and which descriptor it belongs to.
struct Declared {
  Kind kind;
  AttributeType type;
};
const std::map<int, Declared> ATTRIBUTES = {
    {0, {POINTWISE, POINTWISE_MODE}}, {1, {POINTWISE, DATA_TYPE}}, {3, {POINTWISE, FLOAT}}, {4, {POINTWISE, FLOAT}},
    {5, {POINTWISE, FLOAT}}, {6, {POINTWISE, FLOAT}}, {8, {POINTWISE, FLOAT}},
    {100, {CONVOLUTION, DATA_TYPE}}, {101, {CONVOLUTION, CONV_MODE}}, {102, {CONVOLUTION, INT64}},
    {103, {CONVOLUTION, INT64}}, {104, {CONVOLUTION, INT64}}, {105, {CONVOLUTION, INT64}}, {106, {CONVOLUTION, INT64}},
    {200, {HEUR, HEUR_MODE}}, {201, {HEUR, DESCRIPTOR}}, {202, {HEUR, DESCRIPTOR}},
    {300, {CONFIG, DESCRIPTOR}}, {400, {PLAN, HANDLE}}, {401, {PLAN, DESCRIPTOR}}, {402, {PLAN, INT64}},
    {700, {CONV_OP, FLOAT}}, {701, {CONV_OP, FLOAT}}, {702, {CONV_OP, DESCRIPTOR}}, {703, {CONV_OP, DESCRIPTOR}},
    {704, {CONV_OP, DESCRIPTOR}}, {705, {CONV_OP, DESCRIPTOR}},
    {750, {POINTWISE_OP, DESCRIPTOR}}, {751, {POINTWISE_OP, DESCRIPTOR}}, {752, {POINTWISE_OP, DESCRIPTOR}},
    {753, {POINTWISE_OP, DESCRIPTOR}},
    {800, {GRAPH, HANDLE}}, {801, {GRAPH, DESCRIPTOR}},
    {900, {TENSOR, INT64}}, {901, {TENSOR, DATA_TYPE}}, {902, {TENSOR, INT64}}, {903, {TENSOR, INT64}},
    {906, {TENSOR, INT64}}, {907, {TENSOR, BOOLEAN}},
    {1000, {PACK, INT64}}, {1001, {PACK, VOID_PTR}}, {1003, {PACK, VOID_PTR}}, {1303, {ENGINE, NOTE}},
};

size_t sizeOf(int type) {
  if (type == BOOLEAN) return 1;
  return type == HANDLE || type == INT64 || type == DOUBLE || type == VOID_PTR || type == DESCRIPTOR ? 8 : 4;
}

struct Descriptor {
  Kind kind;
  bool finalized = false;
  int engine = -1;
  std::map<int, std::vector<char>> attributes;

  bool has(int attribute) const { return attributes.count(attribute) > 0; }
  template <class T>
  std::vector<T> list(int attribute) const {
    const auto found = attributes.find(attribute);
    if (found == attributes.end()) return {};
    std::vector<T> values(found->second.size() / sizeof(T));
    std::memcpy(values.data(), found->second.data(), values.size() * sizeof(T));
    return values;
  }
  template <class T>
  T one(int attribute, T missing = T()) const {
    const auto values = list<T>(attribute);
    return values.empty() ? missing : values[0];
  }
  Descriptor* child(int attribute) const { return one<Descriptor*>(attribute); }
  std::vector<int64_t> dims() const { return list<int64_t>(902); }
  std::vector<int64_t> strides() const { return list<int64_t>(903); }
  Type type() const {
    const int type = one<int32_t>(901);
    return type == 0 ? Type::f32 : type == 2 ? Type::f16 : Type::bf16;
  }
};

std::string lastError;
int refuse(int status, const char* why) {
  lastError = why;
  return status;
}

void count(int by) { fake::set("live", fake::get("live") + by); }

int64_t product(const std::vector<int64_t>& list) {
  int64_t total = 1;
  for (const int64_t entry : list) total *= entry;
  return total;
}

// What must have been set, and must fit together, before a descriptor is finalized.
int check(const Descriptor& d) {
  for (const auto& [attribute, bytes] : d.attributes) {
    if (ATTRIBUTES.at(attribute).type != DESCRIPTOR) continue;
    for (const Descriptor* child : d.list<Descriptor*>(attribute))
      if (!child->finalized) return refuse(NOT_FINALIZED, "a descriptor is not finalized");
  }
  auto needs = [&](std::initializer_list<int> list) {
    return std::all_of(list.begin(), list.end(), [&](int attribute) { return d.has(attribute); });
  };
  switch (d.kind) {
    case TENSOR:
      if (!needs({901, 902, 903, 906, 900}) || d.dims().size() != d.strides().size() || d.dims().size() < 4)
        return refuse(BAD_PARAM, "a tensor needs at least four dims, and as many strides");
      return SUCCESS;
    case CONVOLUTION: {
      const auto axes = size_t(d.one<int64_t>(106));
      for (const int list : {102, 103, 104, 105})
        if (d.list<int64_t>(list).size() != axes) return refuse(BAD_PARAM, "an entry per spatial axis");
      return d.one<int32_t>(101) == 1 && d.one<int32_t>(100, -1) == 0 ? SUCCESS : refuse(BAD_PARAM, "mode or type");
    }
    case POINTWISE:
      return needs({0, 1}) ? SUCCESS : refuse(BAD_PARAM, "mode and precision");
    case CONV_OP: {
      if (!needs({700, 701, 702, 703, 704, 705})) return refuse(BAD_PARAM, "an attribute is missing");
      const auto x = d.child(704)->dims(), w = d.child(703)->dims(), y = d.child(705)->dims();
      const Descriptor& c = *d.child(702);
      const auto dilations = c.list<int64_t>(102), steps = c.list<int64_t>(103);
      const auto behind = c.list<int64_t>(104), before = c.list<int64_t>(105);
      if (x.size() != w.size() || x.size() != y.size() || x.size() != steps.size() + 2) return refuse(BAD_PARAM, "ranks");
      if (x[1] % w[1] || w[0] % (x[1] / w[1]) || y[0] != x[0] || y[1] != w[0]) return refuse(BAD_PARAM, "channels");
      for (size_t i = 0; i < steps.size(); i++) {
        const int64_t extent = (w[i + 2] - 1) * dilations[i] + 1;
        if (y[i + 2] != (x[i + 2] + before[i] + behind[i] - extent) / steps[i] + 1) return refuse(BAD_PARAM, "output dims");
      }
      return SUCCESS;
    }
    case POINTWISE_OP: {
      if (!needs({750, 751, 753})) return refuse(BAD_PARAM, "an attribute is missing");
      const bool isSum = d.child(750)->one<int32_t>(0) == 0;
      if (isSum != d.has(752)) return refuse(BAD_PARAM, "a sum has two inputs, a function one");
      return d.child(751)->dims() == d.child(753)->dims() ? SUCCESS : refuse(BAD_PARAM, "dims");
    }
    case GRAPH:
      return needs({800, 801}) ? SUCCESS : refuse(BAD_PARAM, "operations and handle");
    case HEUR:
      return needs({200, 201}) ? SUCCESS : refuse(BAD_PARAM, "graph and mode");
    case PACK:
      return d.list<int64_t>(1000).size() == d.list<void*>(1001).size() ? SUCCESS : refuse(BAD_PARAM, "pointers");
    case PLAN: {
      if (!needs({400, 401})) return refuse(BAD_PARAM, "configuration and handle");
      const auto ops = d.child(401)->child(300)->child(201)->list<Descriptor*>(801);
      const bool isFused = ops.size() > 1 && ops[0]->kind == CONV_OP;
      if (isFused && fake::get("unfused")) return refuse(NOT_SUPPORTED, "no engine fuses this");
      if (d.child(401)->engine == fake::get("unsupported engine") - 1) return refuse(NOT_SUPPORTED, "not on this device");
      return SUCCESS;
    }
    default:
      return SUCCESS;
  }
}

// Engines by number: the first uses tensor cores, the second rounds differently every time, the others do neither.
std::vector<int32_t> notesOf(int engine) {
  if (engine == 0) return {0};
  if (engine == 1) return {4};
  return {5};
}

int64_t workspaceOf(int engine) { return engine == 3 ? int64_t(1) << 40 : 1024 * engine; }

// Tensors in logical row-major order; those between operations are never in memory.
struct Machine {
  const Descriptor& pack;
  bool rounds;
  std::map<const Descriptor*, std::vector<float>> between;

  char* address(const Descriptor& tensor) const {
    const auto ids = pack.list<int64_t>(1000);
    const auto at = std::find(ids.begin(), ids.end(), tensor.one<int64_t>(906)) - ids.begin();
    return size_t(at) < ids.size() ? pack.list<char*>(1001)[at] : nullptr;
  }

  template <class Visit>
  static void walk(const Descriptor& tensor, Visit visit) {
    const auto dims = tensor.dims(), strides = tensor.strides();
    for (int64_t i = 0; i < product(dims); i++) {
      int64_t rest = i, at = 0;
      for (size_t axis = dims.size(); axis-- > 0;) {
        at += rest % dims[axis] * strides[axis];
        rest /= dims[axis];
      }
      visit(i, at);
    }
  }

  std::vector<float> read(const Descriptor& tensor) {
    if (tensor.one<uint8_t>(907)) return between.at(&tensor);
    std::vector<float> values(product(tensor.dims()));
    const char* base = address(tensor);
    walk(tensor, [&](int64_t i, int64_t at) { values[i] = fake::load(base, at, tensor.type()); });
    return values;
  }

  void write(const Descriptor& tensor, std::vector<float> values) {
    if (tensor.one<uint8_t>(907)) {
      between[&tensor] = std::move(values);
      return;
    }
    char* base = address(tensor);
    walk(tensor, [&](int64_t i, int64_t at) { fake::store(base, at, tensor.type(), values[i]); });
  }

  void convolve(const Descriptor& op) {
    auto factors = [&](const Descriptor& tensor) {
      auto values = read(tensor);
      if (rounds && tensor.type() == Type::f32)
        for (float& x : values) x = fake::tf32(x);
      return values;
    };
    const auto x = factors(*op.child(704)), w = factors(*op.child(703));
    const auto xd = op.child(704)->dims(), wd = op.child(703)->dims(), yd = op.child(705)->dims();
    const Descriptor& c = *op.child(702);
    const auto dilations = c.list<int64_t>(102), steps = c.list<int64_t>(103), before = c.list<int64_t>(105);
    const int64_t groups = xd[1] / wd[1], perGroup = wd[0] / groups;
    const std::vector<int64_t> taps(wd.begin() + 2, wd.end()), plane(xd.begin() + 2, xd.end());
    std::vector<float> y(product(yd));
    for (int64_t i = 0; i < int64_t(y.size()); i++) {
      std::vector<int64_t> place(yd.size());
      int64_t rest = i;
      for (size_t axis = yd.size(); axis-- > 0; rest /= yd[axis]) place[axis] = rest % yd[axis];
      double sum = 0;
      for (int64_t channel = 0; channel < wd[1]; channel++) {
        const int64_t source = place[0] * xd[1] + place[1] / perGroup * wd[1] + channel;
        for (int64_t tap = 0; tap < product(taps); tap++) {
          int64_t left = tap, at = 0, unit = 1;
          bool inside = true;
          for (size_t axis = taps.size(); axis-- > 0; left /= taps[axis]) {
            const int64_t p = place[axis + 2] * steps[axis] - before[axis] + left % taps[axis] * dilations[axis];
            inside = inside && p >= 0 && p < plane[axis];
            at += p * unit;
            unit *= plane[axis];
          }
          if (inside) sum += double(x[source * product(plane) + at]) * w[(place[1] * wd[1] + channel) * product(taps) + tap];
        }
      }
      y[i] = float(sum);
    }
    write(*op.child(705), std::move(y));
  }

  static float apply(const Descriptor& pointwise, float x) {
    switch (pointwise.one<int32_t>(0)) {
      case 100: {
        const float low = pointwise.one<float>(3, 0), slope = pointwise.one<float>(5, 0);
        return x < low ? low + slope * (x - low) : std::min(x, pointwise.one<float>(4, 3.4028234663852886e38f));
      }
      case 101: return std::tanh(x);
      case 102: return 1 / (1 + std::exp(-x));
      case 103: return x < 0 ? pointwise.one<float>(6, 1) * std::expm1(x) : x;
      case 104: return 0.5f * x * (1 + std::erf(x * 0.70710678f));
      case 106: return x / (1 + std::exp(-pointwise.one<float>(8, 1) * x));
      case 107: return 0.5f * x * (1 + std::tanh(0.79788456f * (x + 0.044715f * x * x * x)));
      default: return NAN;
    }
  }

  void pointwise(const Descriptor& op) {
    auto x = read(*op.child(751));
    const Descriptor& what = *op.child(750);
    if (const Descriptor* other = op.child(752)) {
      const auto b = read(*other);
      const auto dims = op.child(751)->dims();
      int64_t inner = 1;
      for (size_t axis = 2; axis < dims.size(); axis++) inner *= dims[axis];
      const bool perChannel = b.size() != x.size();
      for (size_t i = 0; i < x.size(); i++) x[i] += b[perChannel ? i / inner % dims[1] : i];
    } else {
      for (float& value : x) value = apply(what, value);
    }
    write(*op.child(753), std::move(x));
  }
};

}  // namespace

#define INJECT(name) \
  if (const int status = fake::injected(name)) return refuse(status, "as the test wants it")

extern "C" {

size_t cudnnGetVersion() { return fake::get("version") ? fake::get("version") : 91900; }
const char* cudnnGetErrorString(int status) {
  return status >= 3000 ? "CUDNN_STATUS_NOT_SUPPORTED" : "CUDNN_STATUS_BAD_PARAM";
}
void cudnnGetLastErrorString(char* message, size_t most) {
  std::strncpy(message, lastError.c_str(), most - 1);
  message[most - 1] = 0;
  lastError.clear();
}

int cudnnCreate(void** handle) {
  INJECT("cudnnCreate");
  count(1);
  *handle = new int64_t(0);
  return SUCCESS;
}
int cudnnDestroy(void* handle) {
  count(-1);
  delete static_cast<int64_t*>(handle);
  return SUCCESS;
}
int cudnnSetStream(void* handle, void* stream) {
  *static_cast<int64_t*>(handle) = reinterpret_cast<int64_t>(stream);
  return SUCCESS;
}

int cudnnBackendCreateDescriptor(int kind, void** made) {
  count(1);
  *made = new Descriptor{Kind(kind)};
  return SUCCESS;
}
int cudnnBackendDestroyDescriptor(void* descriptor) {
  count(-1);
  delete static_cast<Descriptor*>(descriptor);
  return SUCCESS;
}

int cudnnBackendSetAttribute(void* object, int attribute, int type, int64_t elements, const void* values) {
  INJECT("cudnnBackendSetAttribute");
  auto& d = *static_cast<Descriptor*>(object);
  const auto declared = ATTRIBUTES.find(attribute);
  if (declared == ATTRIBUTES.end() || declared->second.kind != d.kind) return refuse(BAD_PARAM, "no such attribute");
  if (declared->second.type != type) return refuse(ATTRIBUTE_TYPE, "another type");
  if (d.finalized) return refuse(BAD_PARAM, "finalized");
  const char* first = static_cast<const char*>(values);
  d.attributes[attribute] = std::vector<char>(first, first + elements * sizeOf(type));
  return SUCCESS;
}

int cudnnBackendFinalize(void* object) {
  INJECT("cudnnBackendFinalize");
  auto& d = *static_cast<Descriptor*>(object);
  const int status = check(d);
  d.finalized = status == SUCCESS;
  return status;
}

// Of heuristics the configurations, of those the engine, of that its notes, of plans their memory.
int cudnnBackendGetAttribute(void* object, int attribute, int type, int64_t wanted, int64_t* found, void* values) {
  const auto& d = *static_cast<Descriptor*>(object);
  if (ATTRIBUTES.at(attribute).type != type) return refuse(ATTRIBUTE_TYPE, "another type");
  if (attribute == 202) {
    const std::vector<int> engines = d.one<int32_t>(200) == 3 ? std::vector<int>{0, 1, 2} : std::vector<int>{3, 4};
    *found = int64_t(engines.size());
    for (int64_t i = 0; i < std::min(wanted, *found); i++) {
      auto& config = *static_cast<Descriptor**>(values)[i];
      if (config.kind != CONFIG) return refuse(BAD_PARAM, "not a configuration");
      // Real ones know their graph through their engine; these through the heuristics, whose attributes they take.
      auto* engine = new Descriptor{ENGINE, true, engines[i], d.attributes};
      config = {CONFIG, true, engines[i], {}};
      config.attributes[300] = std::vector<char>(reinterpret_cast<char*>(&engine), reinterpret_cast<char*>(&engine + 1));
    }
    return SUCCESS;
  }
  if (attribute == 300) {
    *found = 1;
    if (wanted > 0) *static_cast<Descriptor**>(values)[0] = *d.child(300);
    return SUCCESS;
  }
  if (attribute == 1303) {
    const auto notes = notesOf(d.engine);
    *found = int64_t(notes.size());
    std::copy_n(notes.begin(), std::min(wanted, *found), static_cast<int32_t*>(values));
    return SUCCESS;
  }
  if (attribute == 402) {
    *found = 1;
    *static_cast<int64_t*>(values) = workspaceOf(d.child(401)->engine);
    return SUCCESS;
  }
  return refuse(BAD_PARAM, "no such attribute");
}

int cudnnBackendExecute(void* handle, void* plan, void* pack) {
  INJECT("cudnnBackendExecute");
  const auto& p = *static_cast<Descriptor*>(plan);
  const auto& variant = *static_cast<Descriptor*>(pack);
  if (!p.finalized || !variant.finalized) return refuse(NOT_FINALIZED, "plan or pack");
  const int engine = p.child(401)->engine;
  if (workspaceOf(engine) > 0 && !variant.one<void*>(1003)) return refuse(BAD_PARAM, "no workspace");
  fake::set("stream", *static_cast<int64_t*>(handle));
  fake::set("engine", engine);
  fake::set("executions", fake::get("executions") + 1);
  Machine machine{variant, notesOf(engine)[0] == 0, {}};
  for (const Descriptor* op : p.child(401)->child(300)->child(201)->list<Descriptor*>(801)) {
    if (op->kind == CONV_OP) machine.convolve(*op);
    else machine.pointwise(*op);
  }
  return SUCCESS;
}

}  // extern "C"
