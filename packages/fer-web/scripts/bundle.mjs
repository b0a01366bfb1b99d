/**
 * Makes `bundle/` of what the compiler left in `dist/`: what browsers load.
 *
 *     index.js       for bundlers, with its dependencies by name
 *     fer-web.js     the same for `<script type="module">`, all in one file
 *     workers/       a script a backend, all in one file each, and the WebAssembly binaries of TensorFlow.js
 *     model/         `fer2013` of `@fer/weights`
 *
 *     node packages/fer-web/scripts/bundle.mjs
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const home = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const target = join(home, "bundle");

/** `@tensorflow/tfjs` brings data sets, converted graphs and two backends; the workers need none of them. */
const TFJS = `
export * from "@tensorflow/tfjs-core";
export { loadLayersModel } from "@tensorflow/tfjs-layers";
`;
const slim = {
  name: "slim-tfjs",
  resolveId: (id) => (id === "@tensorflow/tfjs" ? join(home, "dist", "slim-tfjs.js") : null),
  load: (id) => (id === join(home, "dist", "slim-tfjs.js") ? TFJS : null),
};

async function bundle({ input, file, minify = true, ...more }) {
  const made = await rolldown({
    input: join(home, "dist", input),
    platform: "browser",
    logLevel: "silent",
    // Code that asks whether it runs in Node is told no: webpack would answer yes, and Parcel wants polyfills.
    transform: { define: { __filename: "undefined", process: "undefined", Buffer: "undefined", global: "undefined" } },
    ...more,
  });
  // Licences are told once, by NOTICE.
  const { output } = await made.generate({ format: "esm", minify, codeSplitting: false, comments: { legal: false } });
  await made.close();
  // Bundlers find addresses of files in quotes.
  const code = output[0].code.replaceAll(/new URL\(`([^`$]+)`,/g, 'new URL("$1",');
  mkdirSync(dirname(join(target, file)), { recursive: true });
  writeFileSync(join(target, file), code);
}

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "model"), { recursive: true });
await bundle({ input: "index.js", file: "index.js", minify: false, external: /^(@fer\/core|zod)\b/ });
await bundle({ input: "index.js", file: "fer-web.js" });
for (const name of ["wasm", "webgl", "webgpu"])
  await bundle({ input: `worker/${name}.js`, file: `workers/${name}.js`, plugins: [slim] });

const binaries = dirname(require.resolve("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm"));
for (const name of ["", "-simd"])
  copyFileSync(
    join(binaries, `tfjs-backend-wasm${name}.wasm`),
    join(target, "workers", `tfjs-backend-wasm${name}.wasm`),
  );
for (const name of ["model.json", "network.json", "network.bin"])
  copyFileSync(require.resolve(`@fer/weights/fer2013/${name}`), join(target, "model", name));
