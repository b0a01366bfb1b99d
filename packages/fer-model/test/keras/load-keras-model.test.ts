/** What loading a model leaves to the caller's thread, and what it leaves behind. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { architectures } from "../../dist/architectures/index.js";
import { loadKerasModel, saveKerasModel } from "../../dist/keras/index.js";
import { tf } from "@fer/tfjs-graph";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "fer-load-"));
const fixtures = join(import.meta.dirname, "keras3");
beforeAll(async () => {
  writeFileSync(join(folder, "other.h5"), "no HDF5");
  await tf.setBackend("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the caller's thread does not load the HDF5 library to read a model", async () => {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { instantiate: () => unknown } };
  const instantiate = vi.spyOn(WebAssembly, "instantiate");
  for (const file of ["m.h5", "m.keras"]) {
    const model = await loadKerasModel(join(fixtures, file));
    expect(model.countParams()).toBeGreaterThan(0);
    model.dispose();
  }
  expect(instantiate).not.toHaveBeenCalled();
  // Writing a small one does, which shows that it would be seen.
  await saveKerasModel(architectures.tiny.build(), { path: join(folder, "tiny") });
  expect(instantiate).toHaveBeenCalled();
});

test.each([
  ["that can be read", join(fixtures, "m.h5"), "loaded\n"],
  ["whose architecture is missing", join(folder, "gone.json"), "NO_MODEL_FILE\n"],
  ["that is another file", join(folder, "other.h5"), "NOT_HDF5\n"],
])("the thread that reads a model %s ends with it", (_, path, said) => {
  const script = `
    import { loadKerasModel } from ${JSON.stringify(import.meta.resolve("../../dist/keras/index.js"))};
    const said = await loadKerasModel(${JSON.stringify(path)}).then(() => "loaded", (error) => error.code);
    console.log(said);
  `;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 50_000,
  });
  expect({ stdout, status }).toEqual({ stdout: said, status: 0 });
});
