/**
 * Express + @vladmandic/human on tfjs-backend-wasm behind the same route; sharp decodes.
 * `node serve_human.mjs <folder with node_modules>`; the first line that it prints is its port.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { wasmOf } from "./wasm_of.mjs";
import { wholeHuman } from "./whole_human.mjs";

const [home] = process.argv.slice(2);
const require = createRequire(join(home, "package.json"));
const express = require("express");
const sharp = require("sharp");
await wasmOf(home, require);
const face = { detector: { rotation: false, maxDetected: 20 }, mesh: { enabled: false } };
const human = await wholeHuman(home, { require, face });

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
