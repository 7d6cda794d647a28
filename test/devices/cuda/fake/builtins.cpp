// The part of NVRTC that lies in a library of its own; the fake one only has to be there.
extern "C" int fake_nvrtc_builtins() { return 13; }
