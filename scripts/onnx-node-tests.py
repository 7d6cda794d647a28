"""Writes the ONNX project's node tests as directories for `lanewise verify`.

    pip install onnx
    python scripts/onnx-node-tests.py FOLDER [OPERATOR ...]

Each test becomes FOLDER/NAME/model.onnx with FOLDER/NAME/test_data_set_*/{input,output}_*.pb. With operators, only
their tests are written.
"""

import sys
from pathlib import Path

from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases


def to_proto(value, port):
    """A test's array as the file format has it, under its port's name."""
    if isinstance(value, TensorProto):
        return value
    kind = port.type.WhichOneof("value")
    writers = {"sequence_type": numpy_helper.from_list, "optional_type": numpy_helper.from_optional}
    return writers.get(kind, numpy_helper.from_array)(value, port.name)


def write_case(case, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(case.model.SerializeToString())
    graph = case.model.graph
    for number, (inputs, outputs) in enumerate(case.data_sets):
        data = folder / f"test_data_set_{number}"
        data.mkdir(exist_ok=True)
        for prefix, values, ports in (("input", inputs, graph.input), ("output", outputs, graph.output)):
            for i, (value, port) in enumerate(zip(values, ports)):
                (data / f"{prefix}_{i}.pb").write_bytes(to_proto(value, port).SerializeToString())


def main(folder, operators):
    written = 0
    for operator in operators or [None]:
        for case in collect_testcases(operator):
            write_case(case, Path(folder) / case.name)
            written += 1
    print(f"{written} tests written to {folder}")


if len(sys.argv) < 2:
    sys.exit(__doc__)
main(sys.argv[1], sys.argv[2:])
