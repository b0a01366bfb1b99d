/** Which settings a training takes, by its set and by what is given. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledSet } from "@fer/core/set";
import { FerTrainer, RECIPES, recipes, TrainerOptions } from "@fer/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinySet } from "../tiny-set.ts";
import { tree } from "../tree.ts";

type Options = NonNullable<ConstructorParameters<typeof FerTrainer>[0]>;

let folder: string;
let set: AssembledSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fer-recipes-"));
  set = await tinySet(join(folder, "set"), { parts: { train: 48, val: 12, test: 12 } });
});
afterAll(async () => {
  set.close();
  await rm(folder, { recursive: true });
});

/** A set of so many images, as far as recipes look at it. */
function setOf(train: number, more: object = {}): AssembledSet {
  const part = { count: train, perClass: {}, groups: 0 };
  const info = { image: { size: 48, channels: 1 }, parts: { train: part }, ...more };
  return { info } as unknown as AssembledSet;
}

const optionsFor = (options: Options, of: AssembledSet) => new FerTrainer(options).optionsFor(of);
const defaults = TrainerOptions.parse({});

describe("the registry", () => {
  test.each(RECIPES)("%s is whole: its settings are options, its figures stand in its header", async (name) => {
    const recipe = recipes[name];
    expect(recipe.name).toBe(name);
    for (const settings of Object.values(recipe.settings))
      expect(() => new FerTrainer({ ...settings, recipe: "none" })).not.toThrow();
    const source = await readFile(new URL(`../../src/recipes/${name}.ts`, import.meta.url), "utf8");
    expect(source.includes("Measured: not yet")).toBe(recipe.measured.length === 0);
  });
});

describe("auto", () => {
  test("takes the defaults for small sets: what it trains has the bytes of none", async () => {
    const { options, recipe } = optionsFor({}, set);
    expect(options).toEqual({ ...defaults, recipe: "none" });
    expect(recipe).toEqual({ name: "none", reason: "the defaults are made for a small set, 48 training images" });
    const base = { architecture: "tiny", engine: "cpu", epochs: 1, report: false, baselines: false } as const;
    const auto = await new FerTrainer({ ...base, to: join(folder, "auto") }).fit(set);
    const none = await new FerTrainer({ ...base, recipe: "none", to: join(folder, "none") }).fit(set);
    expect(await tree(auto.folder)).toEqual(await tree(none.folder));
    expect(auto.config.options["recipe"]).toBe("none");
  });

  test.each([
    ["medium", 12_271],
    ["large", 28_709],
  ])("takes an hour for %s sets, and votes where there are any", (size, count) => {
    const { options, recipe } = optionsFor({ seed: 3 }, setOf(count));
    expect(recipe).toEqual({ name: "hour", reason: `a ${size} set, ${count.toLocaleString("en-US")} training images` });
    const { budget, architecture, labels, crop, seed } = options;
    expect({ recipe: options.recipe, budget, architecture, labels, crop, seed }).toEqual({
      recipe: "hour",
      budget: "60m",
      architecture: "resnet",
      labels: { name: "classes" },
      crop: 40,
      seed: 3,
    });
    expect(optionsFor({}, setOf(count, { targets: ["votes"] })).options.labels).toEqual({
      name: "votes",
      share: 0.5,
      calibrated: true,
    });
  });

  test("counts the images of all folds, and leaves networks of one's own to the defaults", () => {
    const folds = setOf(0, { parts: { all: { count: 6_000 } } });
    expect(optionsFor({}, folds).recipe.name).toBe("hour");
    const large = setOf(28_709);
    const none = [optionsFor({ architecture: "fer-vgg" }, large), optionsFor({ from: "runs/first" }, large)];
    expect(none.map(({ recipe }) => recipe.name)).toEqual(["none", "none"]);
    const own = new FerTrainer({}).optionsFor(large, { model: () => null! });
    expect(own.recipe).toEqual({
      name: "none",
      reason: "a recipe is made for its own network, and another one was named",
    });
  });
});

describe("what is given", () => {
  const large = setOf(28_709);
  const hour = optionsFor({ recipe: "hour" }, large).options;

  test("wins over the recipe, option by option", () => {
    const { options } = optionsFor(
      { net: { width: 8 }, augmentation: { rotate: 5 }, learningRate: 0.002, crop: null, labels: { name: "classes" } },
      setOf(28_709, { targets: ["votes"] }),
    );
    expect(options).toEqual({
      ...hour,
      net: { ...hour.net, width: 8 },
      augmentation: { ...hour.augmentation, rotate: 5 },
      learningRate: 0.002,
      crop: null,
    });
  });

  test("takes the place of what excludes it", () => {
    expect(optionsFor({ steps: 100 }, large).options).toMatchObject({ steps: 100, budget: null });
    expect(optionsFor({ epochs: 5 }, large).options).toMatchObject({ epochs: 5, steps: null, budget: null });
    expect(optionsFor({ budget: "5m" }, large).options).toMatchObject({ budget: "5m" });
    expect(optionsFor({ swa: 0.7 }, large).options).toMatchObject({ swa: 0.7, ema: null });
    expect(optionsFor({ optimizer: { name: "sgd" } }, large).options.optimizer).toEqual({
      name: "sgd",
      momentum: 0.9,
      nesterov: true,
    });
    expect(optionsFor({ recipe: "hour", architecture: "fer-vgg" }, large).options).toMatchObject({
      architecture: "fer-vgg",
      net: {},
      optimizer: { name: "muon" },
    });
  });

  test("is held against the network that the set decides", () => {
    expect(optionsFor({ net: { width: 8 } }, large).options.net).toMatchObject({ width: 8, squeezeExcitation: true });
    expect(() => optionsFor({ net: { width: 8 } }, set)).toThrow("architecture fer-vgg: the option net.width");
  });

  test("none leaves the defaults, whatever the set", () => {
    expect(optionsFor({ recipe: "none", epochs: 3 }, large).options).toEqual({
      ...defaults,
      recipe: "none",
      epochs: 3,
    });
  });
});

test("crops are as large a share of images of another size", () => {
  const of = setOf(28_709, { image: { size: 96, channels: 1 } });
  expect(optionsFor({}, of).options.crop).toBe(80);
});

test("original trains either network as the original framework did", () => {
  const { options } = optionsFor({ recipe: "original" }, set);
  expect(options).toMatchObject({
    architecture: "fer-cnn",
    optimizer: { name: "adam" },
    epochs: 100,
    batchSize: 512,
    schedule: { name: "plateau", factor: 0.5, patience: 50, floor: 1e-4 },
    augmentation: null,
  });
  const small = optionsFor({ recipe: "original", architecture: "fer-cnn-small" }, set).options;
  expect(small).toMatchObject({
    architecture: "fer-cnn-small",
    optimizer: { name: "sgd", nesterov: true },
    epochs: 100,
  });
});

test("a run keeps the name of its recipe and the options that came of it; they decide, the name does not", async () => {
  const options = { engine: "cpu", epochs: 1, report: false, baselines: false } as const;
  const to = join(folder, "kept");
  const small = { architecture: "tiny", net: {}, crop: null } as const;
  const run = await new FerTrainer({ ...options, ...small, recipe: "original", to }).fit(set);
  expect(run.config.options).toMatchObject({ recipe: "original", epochs: 1, batchSize: 512, standardize: false });
  const { recipe: _, ...resolved } = TrainerOptions.parse({ ...run.config.options, to });
  const again = await new FerTrainer({ ...resolved, recipe: "none" }).fit(set);
  expect(again.reused).toBe(true);
});
