/**
 * Express + @vladmandic/human on tfjs-backend-wasm behind the same route; sharp decodes.
 * `node serve_human.mjs <folder with node_modules>`; the first line that it prints is its port.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { basename, join } from "node:path";

const [home] = process.argv.slice(2);
const require = createRequire(join(home, "package.json"));
const express = require("express");
const sharp = require("sharp");
const tf = require("@tensorflow/tfjs");
const { setWasmPaths } = require("@tensorflow/tfjs-backend-wasm");
const wasmPath = `${join(home, "node_modules/@tensorflow/tfjs-backend-wasm/dist")}/`;
setWasmPaths(wasmPath);
await tf.setBackend("wasm");
const { Human } = require(join(home, "node_modules/@vladmandic/human/dist/human.node-wasm.js"));
const off = { enabled: false };
// its build for WebAssembly reads models over HTTP alone
const folder = join(home, "node_modules/@vladmandic/human/models");
const models = createServer((request, answer) => answer.end(readFileSync(join(folder, basename(request.url)))));
await once(models.listen(0, "127.0.0.1"), "listening");
const human = new Human({
  backend: "wasm",
  wasmPath,
  modelBasePath: `http://127.0.0.1:${models.address().port}/`,
  cacheSensitivity: 0,
  filter: off,
  body: off,
  hand: off,
  object: off,
  gesture: off,
  face: {
    enabled: true,
    detector: { rotation: false, maxDetected: 20 },
    mesh: off,
    iris: off,
    description: off,
    emotion: { enabled: true, minConfidence: 0 },
  },
});
await human.load();

// one picture at a time: human keeps what it works on in itself
let last = Promise.resolve();
const inTurn = (work) => (last = last.then(work, work));

const app = express();
app.post("/v1/predict", express.raw({ type: "*/*", limit: "20mb" }), async (request, answer) => {
  const { data, info } = await sharp(request.body)
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { face } = await inTurn(async () => {
    const tensor = human.tf.tensor(Float32Array.from(data), [1, info.height, info.width, 3]);
    try {
      return await human.detect(tensor);
    } finally {
      tensor.dispose();
    }
  });
  answer.json({ images: [{ faces: face.map(({ box, emotion }) => ({ box, emotion })) }] });
});
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
