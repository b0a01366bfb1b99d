/**
 * Compiles `wasm/pixels.ts` into `src/inference/pixels-wasm.ts`. With `--check` it writes nothing and fails where the two do
 * not belong together.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { main } from "assemblyscript/asc";

const source = fileURLToPath(new URL("../wasm/pixels.ts", import.meta.url));
const target = new URL("../src/inference/pixels-wasm.ts", import.meta.url);

const options = ["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--enable", "simd"];
const { error, stderr, binary } = await compile();
if (error) throw new Error(`${error.message}\n${stderr}`);

const text = `/** \`wasm/pixels.ts\`, compiled by \`scripts/build-pixels.mjs\`: WebAssembly in base64. */
export const PIXELS_WASM =
${Buffer.from(binary)
  .toString("base64")
  .match(/.{1,100}/g)
  .map((line) => `  "${line}"`)
  .join(" +\n")};
`;

if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  throw new Error("src/inference/pixels-wasm.ts is out of date: run node packages/core/scripts/build-pixels.mjs");
}

async function compile() {
  let binary;
  const { error, stderr } = await main(["pixels.ts", "--outFile", "pixels.wasm", ...options], {
    readFile: (name) => (name === "pixels.ts" ? readFileSync(source, "utf8") : null),
    writeFile: (name, contents) => void (name === "pixels.wasm" && (binary = contents)),
    listFiles: () => [],
  });
  return { error, stderr: stderr.toString(), binary };
}
