"""PyTorch on demand: does what it is told line by line, so that Node can time it in turn with others.

    python3 bench/peers/torch/server.py [--device cuda|cpu]

A request is a line of JSON on the standard input, `{"id": 1, "do": "sample", ...}`; its answer is a line on the standard
output, `{"id": 1, "ok": true, ...}` or `{"id": 1, "ok": false, "error": "..."}`. Requests are answered in their order. What
libraries print goes to the standard error output. It ends with its input. Tensors travel as raw files of little-endian f32.

    hello                                        -> torch, cuda, cudnn, device, python: versions and names
    network folder                               reads network.json, weights.bin and image.bin: see description.js
    open-network subject mode layout dtype       a setting of that network, warmed up and captured
    answers subject file                         writes the network's outputs as f32
    open-layer subject layer mode layout dtype indices   -> answers: its output's elements at these flat indices
    sample subject runs                          -> ms: milliseconds of so many runs
    close subject

`mode` is `eager`, `graph` (a captured CUDA graph), `compile`, `autotune` or `reduce`: see settings.py. On the CPU, which is
for tests of this file, there is `eager` alone.
"""

import argparse
import json
import os
import platform
import sys
import warnings


def first_line(error):
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else ''}"[:500]


class Server:
    def __init__(self, device):
        import torch

        import layers
        import network

        self.torch, self.device, self.layers, self.networks = torch, device, layers, network
        if device == "cuda" and not torch.cuda.is_available():
            raise RuntimeError("PyTorch finds no CUDA device")
        torch.backends.cudnn.benchmark = True
        self.subjects, self.loaded = {}, None

    def hello(self):
        torch = self.torch
        on_gpu = self.device == "cuda"
        return {
            "torch": torch.__version__,
            "cuda": torch.version.cuda if on_gpu else None,
            "cudnn": str(torch.backends.cudnn.version()) if on_gpu else None,
            "device": torch.cuda.get_device_name() if on_gpu else "CPU",
            "python": platform.python_version(),
        }

    def network(self, folder):
        self.loaded = self.networks.Description(folder)

    def open_network(self, subject, mode, layout, dtype):
        self.subjects[subject] = self.networks.NetworkSubject(self.loaded, self.device, mode, layout, dtype)

    def answers(self, subject, file):
        self.subjects[subject].write_answers(file)

    def open_layer(self, subject, layer, mode, layout, dtype, indices):
        made = self.layers.LayerSubject(layer, self.device, mode, layout, dtype)
        self.subjects[subject] = made
        return {"answers": made.answers_at(indices)}

    def sample(self, subject, runs):
        return {"ms": self.subjects[subject].elapsed_ms(runs)}

    def close(self, subject):
        self.subjects.pop(subject, None)
        self.tidy()

    def tidy(self):
        """Gives memory back to the GPU, which others use in turn."""
        import gc

        gc.collect()
        if self.device == "cuda":
            self.torch.cuda.empty_cache()


COMMANDS = {
    name.replace("_", "-"): getattr(Server, name)
    for name in ["hello", "network", "open_network", "answers", "open_layer", "sample", "close"]
}


def answer(server, request):
    command = request.pop("do")
    with server.torch.inference_mode():
        return COMMANDS[command](server, **request) or {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    device = parser.parse_args().device
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    warnings.filterwarnings("ignore")
    server, failure = None, None
    try:
        server = Server(device)
    except Exception as error:  # told to whoever asks, as an answer
        failure = first_line(error)
    for line in sys.stdin:
        request = json.loads(line)
        number = request.pop("id")
        try:
            if failure:
                raise RuntimeError(failure)
            result = {"id": number, "ok": True, **answer(server, request)}
        except Exception as error:  # one request must not end the others
            result = {"id": number, "ok": False, "error": first_line(error)}
            error = None
            if server:
                server.tidy()
        out.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
