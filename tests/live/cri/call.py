# SPDX-License-Identifier: Apache-2.0
"""call.py SOCKET: calls of the CRI, one a line.

In comes "VERSION METHOD REQUEST", out go "ok RESPONSE" or "error WHAT"; VERSION is v1 or
v1alpha2, REQUEST and RESPONSE are JSON. cri_pb2, which protoc makes of cri.proto, must be
in PYTHONPATH.
"""
import json
import sys

import grpc
from google.protobuf import json_format

import cri_pb2


def call(channel, version, method, request):
    service = "ImageService" if method.startswith("Image") else "RuntimeService"
    stub = channel.unary_unary(
        f"/runtime.{version}.{service}/{method}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=getattr(cri_pb2, method + "Response").FromString,
    )
    message = json_format.Parse(request, getattr(cri_pb2, method + "Request")())
    try:
        response = stub(message, timeout=60)
    except grpc.RpcError as error:
        return "error " + " ".join(error.details().splitlines())
    return "ok " + json.dumps(
        json_format.MessageToDict(response, preserving_proto_field_name=True)
    )


def main(socket):
    with grpc.insecure_channel("unix://" + socket) as channel:
        for line in sys.stdin:
            print(call(channel, *line.rstrip("\n").split(" ", 2)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
