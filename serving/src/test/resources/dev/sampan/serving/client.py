"""Calls a model server with grpcio and numpy, as a Python user would; messages come from a descriptor set.

Arguments: descriptor set, gRPC target, REST base URL. Model "sum" has inputs a and b and outputs sum and product.
"""
import json
import sys
import urllib.request

import grpc
import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

pool = descriptor_pool.DescriptorPool()
files = descriptor_pb2.FileDescriptorSet.FromString(open(sys.argv[1], "rb").read())
for file in files.file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)


def message(name):
    return factory.GetPrototype(pool.FindMessageTypeByName(name))


def call(channel, method, request, answer):
    stub = channel.unary_unary(method, request_serializer=lambda m: m.SerializeToString(),
                               response_deserializer=message(answer).FromString)
    return stub(request, timeout=20)


def tensor(values):
    proto = message("tensorflow.TensorProto")(dtype=1, tensor_content=values.tobytes())
    for size in values.shape:
        proto.tensor_shape.dim.add(size=size)
    return proto


random = np.random.default_rng(1)
a = random.random((50, 3), dtype=np.float32)
b = random.random((50, 3), dtype=np.float32)
channel = grpc.insecure_channel(sys.argv[2])

request = message("tensorflow.serving.PredictRequest")()
request.model_spec.name = "sum"
request.inputs["a"].CopyFrom(tensor(a))
request.inputs["b"].CopyFrom(tensor(b))
answer = call(channel, "/tensorflow.serving.PredictionService/Predict", request, "tensorflow.serving.PredictResponse")
np.testing.assert_allclose(np.array(answer.outputs["sum"].float_val).reshape(50, 3), a + b, rtol=1e-6)
np.testing.assert_allclose(np.array(answer.outputs["product"].float_val).reshape(50, 3), a * b, rtol=1e-6)

infer = message("inference.ModelInferRequest")(model_name="sum")
for name, values in (("a", a), ("b", b)):
    infer.inputs.add(name=name, datatype="FP32", shape=values.shape)
    infer.raw_input_contents.append(values.tobytes())
answer = call(channel, "/inference.GRPCInferenceService/ModelInfer", infer, "inference.ModelInferResponse")
outputs = {o.name: np.frombuffer(r, np.float32).reshape(list(o.shape))
           for o, r in zip(answer.outputs, answer.raw_output_contents)}
np.testing.assert_allclose(outputs["sum"], a + b, rtol=1e-6)
np.testing.assert_allclose(outputs["product"], a * b, rtol=1e-6)

body = json.dumps({"inputs": {"a": a.tolist(), "b": b.tolist()}}).encode()
with urllib.request.urlopen(sys.argv[3] + "/v1/models/sum:predict", body, timeout=20) as reply:
    rest = json.load(reply)["outputs"]
np.testing.assert_allclose(np.array(rest["sum"], np.float32), a + b, rtol=1e-6)

try:
    call(channel, "/inference.GRPCInferenceService/ModelInfer",
         message("inference.ModelInferRequest")(model_name="none"), "inference.ModelInferResponse")
    sys.exit("an unknown model was answered")
except grpc.RpcError as e:
    assert e.code() == grpc.StatusCode.NOT_FOUND, e
print("python agrees")
