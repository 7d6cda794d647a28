"""Speaks the protocol of bench/peers/torch/server.py without PyTorch, well and badly: the mode says how."""

import json
import os
import sys
import time

log = open(os.environ["STAND_IN_LOG"], "a") if "STAND_IN_LOG" in os.environ else None
told = set()
print("a library says hello", file=sys.stderr)
for line in sys.stdin:
    request = json.loads(line)
    if log:
        log.write(json.dumps([os.getpid(), request]) + "\n")
        log.flush()
    answer = {"id": request["id"], "ok": True}
    if request["do"] == "hello":
        answer["torch"] = "0.0"
    elif request["do"] == "network":
        told.add(request["folder"])
    elif request["do"].startswith("open"):
        mode = request["mode"]
        if mode == "compile":
            time.sleep(600)
        elif mode == "autotune":
            print("this is not JSON", flush=True)
        elif mode == "reduce":
            print("Fatal: out of everything", file=sys.stderr, flush=True)
            sys.exit(3)
        elif mode == "graph":
            answer = {"id": request["id"], "ok": False, "error": "OutOfMemoryError: no memory"}
        else:
            answer["folders"] = sorted(told)
    elif request["do"] == "sample":
        if request["runs"] == 666:
            sys.exit(4)
        answer["ms"] = 2.5 * request["runs"]
    print(json.dumps(answer), flush=True)
