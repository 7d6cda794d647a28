// A fake libcuda with two devices: memory of the host, kernels that the fake NVRTC compiled for the CPU. As on a GPU, work
// on a stream is done later: when an event after it has been asked for a few times, or somebody waits. What a program
// must not do is answered as the driver does: calls without a context, with handles of another, with freed memory.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

enum {
  OK = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  CAPTURE_INVALIDATED = 901,
};

constexpr int DEVICES = 2;
constexpr uint64_t MEMORY = 256u << 20;
// Memory of the machine that can be pinned.
constexpr uint64_t PINNABLE = 160u << 20;
// Questions about an event before its work is done.
constexpr int POLLS = 2;

struct Context {
  int device = 0, users = 0;
  uint64_t used = 0;
  // Streams, events, graphs and modules.
  int live = 0;
  // What a fault in its work has left it with, until its last user gives it back.
  int fault = 0;
};
struct Event {
  Context* context;
  bool recorded = false, done = false, timing = true;
  int polls = 0;
  double time = 0;
  struct Stream* stream = nullptr;
};
struct Module {
  Context* context;
  void* library;
};
struct Function {
  Module* module;
  void* kernel;
  void (*run)(void*, const uint64_t*, const unsigned*, const unsigned*);
  int parameters;
  int dynamicBytes = 48 * 1024;
};
using Work = std::function<void()>;
struct Graph {
  Context* context;
  std::vector<Work> nodes;
};
struct Stream {
  Context* context;
  std::deque<Work> queue;
  Graph* capture = nullptr;
};

Context contexts[DEVICES];
thread_local Context* current = nullptr;
std::map<uint64_t, std::pair<uint64_t, Context*>> allocations;
std::map<uint64_t, std::pair<uint64_t, Context*>> pinned;
std::set<Stream*> streams;
std::set<Function*> functions;
uint64_t pinnedBytes = 0;
bool initialised = false;
int broken = 0;
bool starved = false;

constexpr uint64_t PAGE = 4096;
uint64_t pagesFor(uint64_t bytes) { return (bytes + PAGE - 1) / PAGE * PAGE; }

// Memory that ends where a page begins that nobody may touch: a kernel that reads beyond it ends the process.
uint64_t fencedMemory(uint64_t bytes) {
  const uint64_t size = pagesFor(bytes) + 2 * PAGE;
  char* start = (char*)mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(start + PAGE, size - 2 * PAGE, PROT_READ | PROT_WRITE);
  return uint64_t(start + size - PAGE - (bytes + 15) / 16 * 16);
}

void freeFenced(uint64_t pointer, uint64_t bytes) {
  const uint64_t end = pointer + (bytes + 15) / 16 * 16 + PAGE;
  const uint64_t size = pagesFor(bytes) + 2 * PAGE;
  munmap((void*)(end - size), size);
}

double now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

// Whether bytes lie in one allocation of the current context.
bool isDevice(uint64_t at, uint64_t bytes) {
  auto after = allocations.upper_bound(at);
  if (after == allocations.begin()) return false;
  auto [start, entry] = *std::prev(after);
  return entry.second == current && at + bytes <= start + entry.first;
}

bool isPinned(uint64_t at, uint64_t bytes) {
  auto after = pinned.upper_bound(at);
  if (after == pinned.begin()) return false;
  auto [start, entry] = *std::prev(after);
  return at + bytes <= start + entry.first;
}

void drain(Stream* stream, const Event* until = nullptr) {
  while (!stream->queue.empty() && !(until && until->done)) {
    Work work = stream->queue.front();
    stream->queue.pop_front();
    if (broken == 0 && stream->context->fault == 0) work();
  }
}

void drainAll() {
  for (Stream* stream : streams) drain(stream);
}

int enqueue(Stream* stream, Work work) {
  if (!streams.count(stream) || stream->context != current) return INVALID_HANDLE;
  if (stream->capture) stream->capture->nodes.push_back(work);
  else stream->queue.push_back(work);
  return OK;
}

}  // namespace

#define READY            \
  if (!initialised) return 3; \
  if (broken) return broken;
#define IN_CONTEXT                                             \
  READY;                                                       \
  if (!current || current->users == 0) return INVALID_CONTEXT; \
  if (current->fault) return current->fault;
// A driver is not always as strict: what is used must belong to the context that the calling thread has made current.
#define OWN(thing) \
  if (!(thing) || (thing)->context != current) return INVALID_CONTEXT;

// Kernels that may start while others end.
static int dependent = 0;
// Of the devices' compute capability.
static int major = 8;

extern "C" {

// For tests: from now on every call fails with this code; 0 heals.
void fake_cuda_break(int code) { broken = code; }
// The next work that is done ends so, as a kernel that reads outside memory does.
void fake_cuda_break_next(int code) {
  for (Stream* stream : streams) stream->queue.push_back([code] { broken = code; });
}
// The work that is queued on a device ends with this code, which is what its context answers from then on.
void fake_cuda_fault(int device, int code) {
  for (Stream* stream : streams)
    if (stream->context == &contexts[device]) stream->queue.push_back([=] { contexts[device].fault = code; });
}
// Whether there is no memory left for the code of modules.
void fake_cuda_starve(int on) { starved = on; }
// Things that were created and not destroyed, memory included.
void fake_cuda_major(int number) { major = number; }

int fake_cuda_dependent_launches() { return dependent; }

int fake_cuda_live() {
  int live = int(allocations.size()) + int(pinned.size());
  for (const Context& context : contexts) live += context.live;
  return live;
}

int cuInit(unsigned) {
  initialised = true;
  return OK;
}
int cuDriverGetVersion(int* version) {
  *version = 13000;
  return OK;
}
int cuGetErrorName(int code, const char** name) {
  static const std::map<int, const char*> names = {
      {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY"},     {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE"},
      {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS"}, {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE"},
      {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE"},     {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT"},
  };
  auto found = names.find(code);
  *name = found == names.end() ? nullptr : found->second;
  return found == names.end() ? INVALID_VALUE : OK;
}
int cuGetErrorString(int code, const char** text) {
  *text = code == OUT_OF_MEMORY ? "out of memory" : code == ILLEGAL_ADDRESS ? "an illegal memory access was encountered" : "it failed";
  return OK;
}
int cuDeviceGetCount(int* count) {
  READY;
  *count = getenv("FAKE_CUDA_DEVICES") ? atoi(getenv("FAKE_CUDA_DEVICES")) : DEVICES;
  return OK;
}
int cuDeviceGet(int* device, int ordinal) {
  READY;
  if (ordinal < 0 || ordinal >= DEVICES) return INVALID_DEVICE;
  *device = ordinal;
  return OK;
}
int cuDeviceGetName(char* name, int length, int device) {
  READY;
  snprintf(name, length, "Fake GPU %d", device);
  return OK;
}
int cuDeviceGetUuid(unsigned char* uuid, int device) {
  READY;
  for (int i = 0; i < 16; i++) uuid[i] = 16 * i + device;
  return OK;
}
int cuDeviceTotalMem_v2(size_t* bytes, int) {
  READY;
  *bytes = MEMORY;
  return OK;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  READY;
  static const std::map<int, int> values = {{1, 1024},   {2, 1024},  {3, 1024}, {4, 64},        {6, 65535}, {7, 65535}, {8, 49152},
                                            {10, 32},    {13, 1000}, {16, 2},   {38, 1 << 20},{76, 0},    {97, 166912}};
  if (attribute == 75) {
    *value = major;
    return OK;
  }
  auto found = values.find(attribute);
  if (found == values.end()) return INVALID_VALUE;
  *value = found->second;
  return OK;
}
int cuDevicePrimaryCtxRetain(Context** context, int device) {
  READY;
  if (device < 0 || device >= DEVICES) return INVALID_DEVICE;
  *context = &contexts[device];
  (*context)->device = device;
  (*context)->users++;
  return OK;
}
int cuDevicePrimaryCtxRelease_v2(int device) {
  if (contexts[device].users == 0) return INVALID_CONTEXT;
  Context* context = &contexts[device];
  if (--context->users > 0) return OK;
  // With its last user a context goes, and with it all that was made in it.
  for (auto at = streams.begin(); at != streams.end();) at = (*at)->context == context ? streams.erase(at) : std::next(at);
  for (auto* list : {&allocations, &pinned})
    for (auto at = list->begin(); at != list->end();) {
      if (at->second.second != context) {
        ++at;
        continue;
      }
      if (list == &allocations) {
        freeFenced(at->first, at->second.first);
      } else {
        free((void*)at->first);
        pinnedBytes -= at->second.first;
      }
      at = list->erase(at);
    }
  context->used = 0;
  context->live = 0;
  // As the driver does: what an earlier call left behind is told, and the context given back all the same.
  const int fault = context->fault;
  context->fault = 0;
  return fault;
}
int cuCtxSetCurrent(Context* context) {
  READY;
  current = context;
  return OK;
}
int cuMemGetInfo_v2(size_t* free, size_t* total) {
  IN_CONTEXT;
  *free = MEMORY - current->used;
  *total = MEMORY;
  return OK;
}
int cuMemAlloc_v2(uint64_t* pointer, size_t bytes) {
  IN_CONTEXT;
  if (bytes == 0) return INVALID_VALUE;
  if (current->used + bytes > MEMORY) return OUT_OF_MEMORY;
  *pointer = fencedMemory(bytes);
  memset((void*)*pointer, 0xff, bytes);
  current->used += bytes;
  allocations[*pointer] = {bytes, current};
  return OK;
}
int cuMemFree_v2(uint64_t pointer) {
  IN_CONTEXT;
  auto found = allocations.find(pointer);
  if (found == allocations.end()) return INVALID_VALUE;
  if (found->second.second != current) return INVALID_CONTEXT;
  drainAll();
  memset((void*)pointer, 0xee, found->second.first);
  found->second.second->used -= found->second.first;
  const uint64_t size = found->second.first;
  allocations.erase(found);
  freeFenced(pointer, size);
  return OK;
}
int cuMemHostAlloc(uint64_t* pointer, size_t bytes, unsigned) {
  IN_CONTEXT;
  if (pinnedBytes + bytes > PINNABLE) return OUT_OF_MEMORY;
  pinnedBytes += bytes;
  *pointer = uint64_t(malloc(bytes));
  pinned[*pointer] = {bytes, current};
  return OK;
}
int cuMemFreeHost(uint64_t pointer) {
  IN_CONTEXT;
  auto found = pinned.find(pointer);
  if (found == pinned.end()) return INVALID_VALUE;
  if (found->second.second != current) return INVALID_CONTEXT;
  // As the driver does.
  drainAll();
  pinnedBytes -= found->second.first;
  pinned.erase(found);
  free((void*)pointer);
  return OK;
}
int cuMemcpyHtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, Stream* stream) {
  IN_CONTEXT;
  if (!isDevice(to, bytes)) return INVALID_VALUE;
  if (isPinned(from, bytes)) return enqueue(stream, [=] { memcpy((void*)to, (void*)from, bytes); });
  // Memory that may be swapped out is read at once.
  std::vector<char> copy((char*)from, (char*)from + bytes);
  return enqueue(stream, [=] { memcpy((void*)to, copy.data(), bytes); });
}
int cuMemcpyDtoHAsync_v2(uint64_t to, uint64_t from, size_t bytes, Stream* stream) {
  IN_CONTEXT;
  if (!isDevice(from, bytes) || !isPinned(to, bytes)) return INVALID_VALUE;
  return enqueue(stream, [=] { memcpy((void*)to, (void*)from, bytes); });
}
int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, Stream* stream) {
  IN_CONTEXT;
  if (!isDevice(from, bytes) || !isDevice(to, bytes)) return INVALID_VALUE;
  return enqueue(stream, [=] { memmove((void*)to, (void*)from, bytes); });
}
int cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, Stream* stream) {
  IN_CONTEXT;
  if (!isDevice(to, bytes)) return INVALID_VALUE;
  return enqueue(stream, [=] { memset((void*)to, value, bytes); });
}
int cuStreamCreate(Stream** stream, unsigned) {
  IN_CONTEXT;
  *stream = new Stream{current};
  streams.insert(*stream);
  current->live++;
  return OK;
}
int cuStreamDestroy_v2(Stream* stream) {
  IN_CONTEXT;
  if (!streams.count(stream)) return INVALID_HANDLE;
  OWN(stream);
  drain(stream);
  streams.erase(stream);
  delete stream;
  current->live--;
  return OK;
}
int cuStreamSynchronize(Stream* stream) {
  IN_CONTEXT;
  if (!streams.count(stream)) return INVALID_HANDLE;
  OWN(stream);
  drain(stream);
  return broken ? broken : current->fault;
}
int cuStreamQuery(Stream* stream) {
  IN_CONTEXT;
  if (!streams.count(stream)) return INVALID_HANDLE;
  OWN(stream);
  return stream->queue.empty() ? OK : NOT_READY;
}
int cuStreamBeginCapture_v2(Stream* stream, int) {
  IN_CONTEXT;
  if (!streams.count(stream) || stream->capture) return INVALID_HANDLE;
  OWN(stream);
  stream->capture = new Graph{current, {}};
  current->live++;
  return OK;
}
int cuStreamEndCapture(Stream* stream, Graph** graph) {
  IN_CONTEXT;
  if (!streams.count(stream) || !stream->capture) return INVALID_HANDLE;
  *graph = stream->capture;
  stream->capture = nullptr;
  return OK;
}
int cuGraphInstantiateWithFlags(Graph** exec, Graph* graph, uint64_t) {
  IN_CONTEXT;
  OWN(graph);
  *exec = new Graph(*graph);
  current->live++;
  return OK;
}
int cuGraphDestroy(Graph* graph) {
  IN_CONTEXT;
  OWN(graph);
  delete graph;
  current->live--;
  return OK;
}
int cuGraphExecDestroy(Graph* graph) { return cuGraphDestroy(graph); }
int cuGraphUpload(Graph* exec, Stream* stream) {
  IN_CONTEXT;
  OWN(exec);
  return enqueue(stream, [] {});
}
int cuGraphLaunch(Graph* exec, Stream* stream) {
  IN_CONTEXT;
  OWN(exec);
  for (const Work& node : exec->nodes)
    if (int code = enqueue(stream, node)) return code;
  return OK;
}
int cuEventCreate(Event** event, unsigned flags) {
  IN_CONTEXT;
  *event = new Event{current};
  (*event)->timing = !(flags & 2);
  current->live++;
  return OK;
}
int cuEventRecord(Event* event, Stream* stream) {
  IN_CONTEXT;
  OWN(event);
  event->recorded = true;
  event->done = false;
  event->polls = POLLS;
  event->stream = stream;
  return enqueue(stream, [event] {
    event->done = true;
    event->time = now();
  });
}
int cuEventQuery(Event* event) {
  IN_CONTEXT;
  OWN(event);
  if (event->done || !event->recorded) return OK;
  if (event->polls-- > 0) return NOT_READY;
  drain(event->stream, event);
  return broken ? broken : current->fault;
}
int cuEventElapsedTime(float* milliseconds, Event* start, Event* end) {
  IN_CONTEXT;
  OWN(start);
  OWN(end);
  if (!start->timing || !end->timing || !start->recorded || !end->recorded) return INVALID_HANDLE;
  if (!start->done || !end->done) return NOT_READY;
  *milliseconds = float(end->time - start->time);
  return OK;
}
int cuEventDestroy_v2(Event* event) {
  IN_CONTEXT;
  OWN(event);
  if (event->recorded && !event->done) drain(event->stream, event);
  delete event;
  current->live--;
  return OK;
}
int cuModuleLoadData(Module** module, const char* image) {
  IN_CONTEXT;
  if (starved) return OUT_OF_MEMORY;
  if (memcmp(image, "\x7f" "ELF", 4) != 0) return INVALID_IMAGE;
  // As the loader does, by the section headers, which are the end of what g++ writes.
  uint64_t sections;
  uint16_t size, count;
  memcpy(&sections, image + 0x28, 8);
  memcpy(&size, image + 0x3a, 2);
  memcpy(&count, image + 0x3c, 2);
  char path[] = "/tmp/fake-cuda-XXXXXX";
  const int file = mkstemp(path);
  if (file < 0 || write(file, image, sections + size * count) < 0) return INVALID_IMAGE;
  close(file);
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  unlink(path);
  if (!library) return INVALID_IMAGE;
  *module = new Module{current, library};
  current->live++;
  return OK;
}
int cuModuleUnload(Module* module) {
  IN_CONTEXT;
  OWN(module);
  for (auto at = functions.begin(); at != functions.end();) {
    Function* function = *at++;
    if (function->module != module) continue;
    functions.erase(function);
    delete function;
  }
  dlclose(module->library);
  delete module;
  current->live--;
  return OK;
}
int cuModuleGetFunction(Function** function, Module* module, const char* name) {
  IN_CONTEXT;
  OWN(module);
  void* kernel = dlsym(module->library, name);
  if (!kernel) return NOT_FOUND;
  *function = new Function{module, kernel};
  (*function)->run = (decltype(Function::run))dlsym(module->library, "fake_launch");
  (*function)->parameters = *(int*)dlsym(module->library, "fake_parameters");
  functions.insert(*function);
  return OK;
}
int cuFuncGetAttribute(int* value, int attribute, Function* function) {
  IN_CONTEXT;
  if (!functions.count(function)) return INVALID_HANDLE;
  OWN(function->module);
  *value = attribute == 8 ? function->dynamicBytes : 0;
  return OK;
}
int cuFuncSetAttribute(Function* function, int attribute, int value) {
  IN_CONTEXT;
  if (!functions.count(function)) return INVALID_HANDLE;
  OWN(function->module);
  if (attribute != 8 || value > 166912) return INVALID_VALUE;
  function->dynamicBytes = value;
  return OK;
}
int cuLaunchKernel(Function* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, Stream* stream, uint64_t** parameters, void**) {
  IN_CONTEXT;
  if (!functions.count(function) || function->module->context != current) return INVALID_HANDLE;
  if (int(shared) > function->dynamicBytes || bx * by * bz > 1024 || gx * gy * gz == 0) return INVALID_VALUE;
  if (function->parameters > 12) return INVALID_VALUE;
  std::vector<uint64_t> values(12, 0);
  for (int i = 0; i < function->parameters; i++) values[i] = *parameters[i];
  const std::vector<unsigned> grid = {gx, gy, gz}, block = {bx, by, bz};
  return enqueue(stream, [=] {
    if (!functions.count(function)) abort();  // A kernel that was unloaded under its launch.
    function->run(function->kernel, values.data(), grid.data(), block.data());
  });
}
// CUlaunchConfig and CUlaunchAttribute, as cuda.h lays them out.
struct LaunchAttribute {
  int id;
  char pad[4];
  int value;
  char rest[60];
};
struct LaunchConfig {
  unsigned gx, gy, gz, bx, by, bz, shared;
  Stream* stream;
  LaunchAttribute* attributes;
  unsigned count;
};
int cuLaunchKernelEx(const LaunchConfig* config, Function* function, uint64_t** parameters, void** extra) {
  static_assert(sizeof(LaunchConfig) == 56 && sizeof(LaunchAttribute) == 72);
  for (unsigned i = 0; i < config->count; i++) {
    // Programmatic stream serialisation.
    if (config->attributes[i].id != 6 || config->attributes[i].value != 1) return INVALID_VALUE;
    dependent++;
  }
  const LaunchConfig& c = *config;
  return cuLaunchKernel(function, c.gx, c.gy, c.gz, c.bx, c.by, c.bz, c.shared, c.stream, parameters, extra);
}
}
