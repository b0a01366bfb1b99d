/**
 * What @vladmandic/human or @vladmandic/face-api sees in scenes of `face_scenes.mjs`, 1024 x 768 x 3 bytes each:
 * `node face_peers.mjs <human | face-api> <folder with node_modules> <files...>`; the last line is JSON.
 */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { wasmOf } from "./wasm_of.mjs";
import { wholeHuman } from "./whole_human.mjs";

const [peer, home, ...files] = process.argv.slice(2);
const require = createRequire(join(home, "package.json"));
const NAMES = {
  angry: "anger",
  anger: "anger",
  disgust: "disgust",
  disgusted: "disgust",
  fear: "fear",
  fearful: "fear",
  happy: "happy",
  neutral: "neutral",
  sad: "sad",
  surprise: "surprise",
  surprised: "surprise",
};

const tf = await wasmOf(home, require);

const look = peer === "human" ? await human() : await faceApi();
const rows = [];
let ms = 0;
for (let i = -1; i < files.length; i++) {
  const picture = { width: 1024, height: 768, data: new Uint8Array(readFileSync(files[Math.max(i, 0)])) };
  const start = performance.now();
  const seen = await look(picture);
  // the first is for warming up
  if (i < 0) continue;
  ms += performance.now() - start;
  rows.push(seen);
}
console.log(`\n${JSON.stringify({ rows, ms })}`);
process.exit(0);

async function human() {
  const face = { detector: { rotation: true, maxDetected: 20 }, mesh: { enabled: true } };
  const it = await wholeHuman(home, { require, face });
  return async ({ data, width, height }) => {
    const tensor = it.tf.tensor(Float32Array.from(data), [1, height, width, 3]);
    const { face } = await it.detect(tensor);
    tensor.dispose();
    return face.map(({ box: [x, y, w, h], emotion }) => ({
      x,
      y,
      width: w,
      height: h,
      expression: NAMES[emotion?.[0]?.emotion] ?? null,
    }));
  };
}

async function faceApi() {
  const api = require(join(home, "node_modules/@vladmandic/face-api/dist/face-api.node-wasm.js"));
  const models = join(home, "node_modules/@vladmandic/face-api/model");
  for (const net of ["ssdMobilenetv1", "faceExpressionNet"]) await api.nets[net].loadFromDisk(models);
  const options = new api.SsdMobilenetv1Options({ maxResults: 20 });
  return async ({ data, width, height }) => {
    const tensor = tf.tensor3d(Int32Array.from(data), [height, width, 3], "int32");
    const found = await api.detectAllFaces(tensor, options).withFaceExpressions();
    tensor.dispose();
    return found.map(({ detection: { box }, expressions }) => ({
      x: box.x,
      y: box.y,
      width: box.width,
      height: box.height,
      expression: NAMES[expressions.asSortedArray()[0].expression] ?? null,
    }));
  };
}
