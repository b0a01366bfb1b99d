/** A network of one's own by the path of a module: trained, shown, predicted with, and refused where it is none. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { facePng, writeFaces } from "../fixtures/faces.js";
import { warmFer } from "../fixtures/warm-fer.js";

const NET = `import * as tf from "@tensorflow/tfjs";

export default function myNet({ size, channels, classes, seed }) {
  return tf.sequential({
    layers: [
      tf.layers.averagePooling2d({ inputShape: [size, size, channels], poolSize: 6 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: classes, activation: "softmax", kernelInitializer: tf.initializers.glorotUniform({ seed }) }),
    ],
  });
}
`;

let folder: string;
const at = (name: string): string => join(folder, name);
const fer = (...words: string[]) => warmFer(folder, ...words);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fer-own-net-"));
  writeFaces(at("faces"));
  writeFileSync(at("my-net.mjs"), NET);
  writeFileSync(at("face.png"), facePng(3, 1));
  await fer("extract", "ckplus", "--from", "faces", "--to", "data/faces", "--quiet");
  await fer("assemble", "data/faces", "--name", "faces", "--split", "subject", "--quiet");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const train = (...words: string[]) =>
  fer("train", "features/faces", "--engine", "cpu", "--epochs", "1", "--no-report", "--views", "1", ...words);

it("is trained, noted by name and hash, and predicted with", { timeout: 300_000 }, async () => {
  const trained = await train("--model", "./my-net.mjs", "--to", "runs/own");
  expect(trained).toMatchObject({ code: 0 });
  const config = JSON.parse(readFileSync(at("runs/own/config.json"), "utf8")) as { options: object; given: object };
  expect(config.options).toMatchObject({ architecture: "custom" });
  const sha256 = createHash("sha256").update(NET).digest("hex");
  expect(config.given).toMatchObject({ modelFile: { name: "my-net.mjs", sha256 } });

  const inspected = await fer("inspect", "runs/own");
  expect(inspected.stdout).toContain(`custom (my-net.mjs, sha256 ${sha256.slice(0, 12)})`);
  const predicted = await fer("predict", "runs/own", "face.png", "--json");
  expect(JSON.parse(predicted.stdout)).toMatchObject([{ file: "face.png", expression: expect.any(String) }]);

  // a file that builds the same network makes the same run; another network another one
  writeFileSync(at("same-net.mjs"), `// renamed\n${NET}`);
  const again = await train("--model", "same-net.mjs", "--to", "runs/own");
  expect(again.stderr).toContain("run runs/own is there already");
  writeFileSync(at("other-net.mjs"), NET.replace("poolSize: 6", "poolSize: 8"));
  const other = await train("--model", "other-net.mjs", "--to", "runs/own");
  expect(other.stderr).toContain("runs/own");
  expect(other.code).not.toBe(0);
});

it("is listed with what it costs", async () => {
  const listed = await fer("architectures", "--model", "my-net.mjs", "--json");
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: "my-net.mjs", parameters: 64 * 7 + 7, multiplyAdds: 448 }]);
  const both = await fer("architectures", "--model", "my-net.mjs", "--architecture", "tiny");
  expect(both.stderr.split("\n")[0]).toMatchInlineSnapshot(
    `"error: --model: a network of your own, and architecture tiny. Expected one of them. Leave one out."`,
  );
});

it("is refused where it is none, before anything is trained", { timeout: 120_000 }, async () => {
  writeFileSync(at("nothing.mjs"), "export const model = 1;\n");
  writeFileSync(at("throws.mjs"), 'throw new Error("no such layer");\n');
  writeFileSync(at("async.mjs"), "export default async () => {};\n");
  writeFileSync(at("text.mjs"), 'export default () => "a net";\n');
  writeFileSync(
    at("small.mjs"),
    NET.replaceAll("[size, size, channels]", "[24, 24, 1]").replace("poolSize: 6", "poolSize: 3"),
  );
  const messages = [];
  for (const file of ["none.mjs", "resnet", "nothing.mjs", "throws.mjs", "async.mjs", "text.mjs", "small.mjs"])
    messages.push((await train("--model", file, "--to", "runs/none", "--quiet")).stderr.split("\n")[0]);
  expect(messages.join("\n")).toMatchInlineSnapshot(`
    "error: --model: there is no file "none.mjs". Expected a module whose default export is a function of { size, channels, classes, seed } that returns a tf.LayersModel, or what defineArchitecture of @fer/model returns.
    error: --model: there is no file "resnet". Expected a module whose default export is a function of { size, channels, classes, seed } that returns a tf.LayersModel, or what defineArchitecture of @fer/model returns. A network of fer's own is named with --architecture resnet.
    error: nothing.mjs: it exports no such thing as default. Expected a module whose default export is a function of { size, channels, classes, seed } that returns a tf.LayersModel, or what defineArchitecture of @fer/model returns.
    error: throws.mjs: no such layer. Expected a module whose default export is a function of { size, channels, classes, seed } that returns a tf.LayersModel, or what defineArchitecture of @fer/model returns.
    error: async.mjs: its function returned a promise. Expected a module whose default export is a function of { size, channels, classes, seed } that returns a tf.LayersModel, or what defineArchitecture of @fer/model returns.
    error: text.mjs: its function returned a string. Expected a module whose default export is a function of { size, channels, classes, seed } that returns a tf.LayersModel, or what defineArchitecture of @fer/model returns.
    error: model: it maps [null, 24, 24, 1] -> [null, 7]. Expected [null, 48, 48, 1] -> [null, 7], for the classes neutral, anger, disgust, fear, happy, sad, surprise. Build the model for this set, or assemble the set in the model's size and classes."
  `);
});
