// A fake libnvrtc: "compiles" CUDA C++ to a shared library for the CPU with g++ and shim.h, which lies in FAKE_SHIM. As the
// real one it loads a part of itself, by its bare name: FAKE_BUILTINS.
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <string>

namespace {

enum { OK = 0, COMPILATION = 6, BUILTINS = 7, INVALID_PROGRAM = 4, INVALID_INPUT = 3 };

struct Program {
  std::string text, image, log;
};

std::atomic<int> compilations{0};

std::string readAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream all;
  all << file.rdbuf();
  return all.str();
}

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
}

// Dynamic shared memory becomes a static array as large as it may be.
void replaceDynamic(std::string& text) {
  const std::string start = "extern __shared__";
  for (size_t at = 0; (at = text.find(start, at)) != std::string::npos;) {
    const size_t end = text.find("[];", at);
    if (end == std::string::npos) return;
    const std::string declaration = text.substr(at + start.size(), end - at - start.size());
    text.replace(at, end + 3 - at, "static " + declaration + "[232448];");
    at += 7;
  }
}

// How many parameters the kernel has: a fake driver does not know, a real one reads it from the code.
int parametersOf(const std::string& text) {
  const size_t at = text.find("extern \"C\" __global__");
  if (at == std::string::npos) return -1;
  std::string head = text.substr(at, text.find('{', at) - at);
  const size_t bounds = head.find("__launch_bounds__");
  const size_t open = head.find('(', bounds == std::string::npos ? 0 : head.find(')', bounds));
  const std::string list = head.substr(open + 1, head.rfind(')') - open - 1);
  if (list.find_first_not_of(" \n") == std::string::npos) return 0;
  int count = 1, depth = 0;
  for (char c : list) {
    if (c == '<' || c == '(') depth++;
    if (c == '>' || c == ')') depth--;
    if (c == ',' && depth == 0) count++;
  }
  return count;
}

std::string temporary(const char* suffix) {
  const char* folder = getenv("TMPDIR");
  static std::atomic<int> number{0};
  return std::string(folder ? folder : "/tmp") + "/fake-nvrtc-" + std::to_string(getpid()) + "-" +
         std::to_string(number++) + suffix;
}

}  // namespace

extern "C" {

int fake_nvrtc_compilations() { return compilations; }

int nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return OK;
}

const char* nvrtcGetErrorString(int code) {
  if (code == BUILTINS) return "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE";
  return code == OK ? "NVRTC_SUCCESS" : code == COMPILATION ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR_INVALID_INPUT";
}

int nvrtcGetNumSupportedArchs(int* count) {
  *count = 3;
  return OK;
}

int nvrtcGetSupportedArchs(int* list) {
  const int known[] = {75, 80, 90};
  memcpy(list, known, sizeof(known));
  return OK;
}

int nvrtcCreateProgram(Program** program, const char* text, const char*, int, const void*, const void*) {
  *program = new Program{text, "", ""};
  return OK;
}

int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  if (!dlopen(FAKE_BUILTINS, RTLD_LAZY)) {
    program->log = "nvrtc: error: failed to open " FAKE_BUILTINS ".\n  Make sure that it is installed correctly.\n";
    return BUILTINS;
  }
  compilations++;
  bool architecture = false;
  for (int i = 0; i < count; i++)
    for (const char* known : {"--gpu-architecture=sm_80", "--gpu-architecture=sm_90a"}) architecture |= strcmp(options[i], known) == 0;
  if (!architecture) {
    program->log = "nvrtc: error: invalid value for --gpu-architecture\n";
    return COMPILATION;
  }
  const int parameters = parametersOf(program->text);
  std::string text = program->text;
  replaceDynamic(text);
  const std::string source = temporary(".cpp"), library = temporary(".so"), log = temporary(".log");
  std::ofstream(source) << "#include \"" FAKE_SHIM "\"\n#line 1 \"kernel.cu\"\n"
                        << text << "\nextern \"C\" { int fake_parameters = " << parameters << "; }\n";
  const std::string command = "g++ -std=c++17 -O1 -w -fno-strict-aliasing -shared -fPIC -o " + library + " " + source +
                              " 2> " + log;
  const int status = system(command.c_str());
  program->log = readAll(log);
  program->image = readAll(library);
  for (const auto& path : {source, library, log}) unlink(path.c_str());
  if (status == 0) return OK;
  // g++ writes kernel.cu:3:5: error: where NVRTC writes kernel.cu(3): error:
  std::stringstream lines(program->log);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    int number = 0;
    const size_t message = line.find(" error: ");
    if (message != std::string::npos && sscanf(line.c_str(), "kernel.cu:%d", &number) == 1)
      line = "kernel.cu(" + std::to_string(number) + "):" + line.substr(message);
    all += line + "\n";
  }
  program->log = all;
  return COMPILATION;
}

int nvrtcGetCUBINSize(Program* program, size_t* size) {
  *size = program->image.size();
  return OK;
}
int nvrtcGetCUBIN(Program* program, char* image) {
  memcpy(image, program->image.data(), program->image.size());
  return OK;
}
int nvrtcGetPTXSize(Program*, size_t*) { return INVALID_INPUT; }
int nvrtcGetPTX(Program*, char*) { return INVALID_INPUT; }
int nvrtcGetProgramLogSize(Program* program, size_t* size) {
  *size = program->log.size() + 1;
  return OK;
}
int nvrtcGetProgramLog(Program* program, char* log) {
  memcpy(log, program->log.c_str(), program->log.size() + 1);
  return OK;
}
int nvrtcDestroyProgram(Program** program) {
  delete *program;
  *program = nullptr;
  return OK;
}
}
