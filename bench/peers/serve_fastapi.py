"""FastAPI + onnxruntime: the ONNX file that `fer export --as onnx` writes, behind the same route.

    uvicorn --factory serve_fastapi:app     MODEL: the file, CLASSES: a,b,c, THREADS: onnxruntime's own, 0 for its default
"""
import io
import os

import numpy as np
import onnxruntime as ort
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from PIL import Image


def app() -> FastAPI:
    options = ort.SessionOptions()
    options.intra_op_num_threads = int(os.environ["THREADS"])
    session = ort.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    classes = os.environ["CLASSES"].split(",")
    api = FastAPI()

    def predict(body: bytes) -> dict:
        grey = np.asarray(Image.open(io.BytesIO(body)).convert("L"), np.float32)
        (row,) = session.run(None, {name: grey[None, :, :, None]})[0]
        best = int(row.argmax())
        return {
            "expression": classes[best],
            "confidence": float(row[best]),
            "probabilities": {label: float(value) for label, value in zip(classes, row)},
        }

    @api.post("/v1/predict")
    async def route(request: Request) -> JSONResponse:
        face = await run_in_threadpool(predict, await request.body())
        return JSONResponse({"images": [{"faces": [face]}]})

    return api
