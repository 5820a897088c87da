# SPDX-License-Identifier: Apache-2.0
"""call.py SOCKET VERSION METHOD: one call of the CRI.

The request is JSON on stdin, the response JSON on stdout; an error is its line on stderr
and exit status 1. VERSION is v1 or v1alpha2. cri_pb2, which protoc makes of cri.proto,
must be in PYTHONPATH.
"""
import sys

import grpc
from google.protobuf import json_format

import cri_pb2


def main(socket, version, method):
    service = "ImageService" if method.startswith("Image") else "RuntimeService"
    request = json_format.Parse(sys.stdin.read(), getattr(cri_pb2, method + "Request")())
    with grpc.insecure_channel("unix://" + socket) as channel:
        call = channel.unary_unary(
            f"/runtime.{version}.{service}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=getattr(cri_pb2, method + "Response").FromString,
        )
        try:
            response = call(request, timeout=60)
        except grpc.RpcError as error:
            sys.exit(error.details())
    print(json_format.MessageToJson(response, preserving_proto_field_name=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
