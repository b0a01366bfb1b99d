/** All of @vladmandic/human that finds faces and names their expressions, in Node on WebAssembly. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { wasmFolder } from "./wasm_of.mjs";

const off = { enabled: false };

/**
 * @param require Of the folder with its node_modules, where `wasmOf` has set TensorFlow.js up.
 * @param face Settings of `face` beside those of emotions.
 */
export async function wholeHuman(home, { require, face }) {
  const { Human } = require(join(home, "node_modules/@vladmandic/human/dist/human.node-wasm.js"));
  // its build for WebAssembly reads models over HTTP alone
  const folder = join(home, "node_modules/@vladmandic/human/models");
  const models = createServer((request, answer) => answer.end(readFileSync(join(folder, basename(request.url)))));
  await once(models.listen(0, "127.0.0.1"), "listening");
  const human = new Human({
    backend: "wasm",
    wasmPath: wasmFolder(home),
    modelBasePath: `http://127.0.0.1:${models.address().port}/`,
    cacheSensitivity: 0,
    filter: off,
    body: off,
    hand: off,
    object: off,
    gesture: off,
    face: { enabled: true, iris: off, description: off, emotion: { enabled: true, minConfidence: 0 }, ...face },
  });
  await human.load();
  return human;
}
