import { readdirSync } from "node:fs";
import { architectures, defineArchitecture } from "../../dist/architectures/index.js";
import { describe, expect, test } from "vitest";
import { testArchitecture } from "./contract.js";

describe.each(Object.values(architectures))("$name", (architecture) => {
  testArchitecture(architecture);
});

test("the registry has every architecture file under its own name", () => {
  const shared = new Set(["architecture.ts", "index.ts", "multiply-adds.ts", "net-options.ts", "seeded-layers.ts"]);
  const files = readdirSync(new URL("../../src/architectures/", import.meta.url)).filter((file) => !shared.has(file));
  expect(Object.keys(architectures).sort()).toEqual(files.map((file) => file.replace(/\.ts$/, "")).sort());
  for (const [name, architecture] of Object.entries(architectures)) expect(architecture.name).toBe(name);
});

describe("defineArchitecture", () => {
  const linear = defineArchitecture({
    name: "linear",
    title: "Softmax regression on pixels",
    source: "own work",
    minimumSize: 1,
    parameters: 48 * 48 * 7 + 7,
    build: ({ classes, ...shape }, layers) =>
      layers.sequential("linear", {
        ...shape,
        layers: [layers.flatten(), layers.dense(classes, { activation: "softmax" })],
      }),
  });

  test("builds an architecture of one's own", () => {
    expect(linear.build({ seed: 7 }).countParams()).toBe(16_135);
  });

  test("says which option is out of range", () => {
    expect(() => linear.build({ classes: 1, size: 0.5 })).toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: linear: size: received 0.5. Expected a whole number. classes: received 1 (expected at least 2).]`,
    );
  });

  test("says which option it does not know", () => {
    const options: object = { width: 48 };
    expect(() => linear.build(options)).toThrowErrorMatchingInlineSnapshot(
      `[OptionsError: linear: unknown option "width". Expected one of size, channels, classes, seed.]`,
    );
  });
});
