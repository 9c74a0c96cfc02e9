"""What the scripts that make fixtures of graphs share: the cases in JSON, and graphs without ZipMap."""

import numpy as np
import onnx
import onnxruntime


def without_zipmap(model):
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for node in [node for node in copy.graph.node if node.op_type == "ZipMap"]:
        copy.graph.node.remove(node)
        for output in copy.graph.output:
            if output.name == node.output[0]:
                output.CopyFrom(onnx.helper.make_tensor_value_info(node.input[0], onnx.TensorProto.FLOAT, None))
    return copy


def open_session(model):
    """Opens a graph without ZipMap in onnxruntime, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    content = without_zipmap(model).SerializeToString()
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def to_case(session, feeds, outputs):
    """The inputs and outputs of a graph as JSON: numbers that are not finite are strings."""
    return {
        "inputs": [
            {"name": i.name, "type": str(feeds[i.name].dtype), "rows": [to_json(v) for v in feeds[i.name].ravel()]}
            for i in session.get_inputs()
        ],
        "outputs": [
            {"type": "string" if o.dtype.kind in "OU" else str(o.dtype), "rows": [to_json(v) for v in o.ravel()]} for o in outputs
        ],
    }


def to_json(value):
    if isinstance(value, str):
        return value
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    return int(value)
