/** The types of a config file are those of the commands' own options; `npm run typecheck` is what tests here. */
import { defineConfig, type FerConfig } from "@fer/cli";
import { adapters, type DatasetAdapter, type ExtractOptions } from "@fer/dataset-extractors";
import type { FitContext, TrainerOptions } from "@fer/model";
import type { AssemblerInput } from "@fer/split-assembler";
import { expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";

type Section<Name extends keyof FerConfig> = NonNullable<FerConfig[Name]>;

it("a section takes what the library takes, and what it takes by reference", () => {
  expectTypeOf<Section<"extract">[number]["adapter"]>().toEqualTypeOf<string | DatasetAdapter>();
  expectTypeOf<z.input<typeof ExtractOptions>>().toExtend<Omit<Section<"extract">[number], "adapter">>();
  expectTypeOf<AssemblerInput>().toExtend<Section<"assemble">>();
  expectTypeOf<z.input<typeof TrainerOptions> & { to: string }>().toExtend<Section<"train">>();
  expectTypeOf<Section<"train">["model"]>().toEqualTypeOf<FitContext["model"] | string>();
  expectTypeOf<Section<"evaluate">[number]["part"]>().toEqualTypeOf<
    "train" | "val" | "test" | "full" | "all" | undefined
  >();
});

it("refuses what a section does not know, and values of another type", () => {
  const written = [
    defineConfig({ extract: [{ adapter: adapters["ckplus"]!, from: "CK+", to: "data" }], train: { to: "runs/a" } }),
    // @ts-expect-error an extraction needs an adapter
    defineConfig({ extract: [{ from: "CK+", to: "data" }] }),
    // @ts-expect-error the option is called split
    defineConfig({ assemble: { name: "ckplus", policy: "subject" } }),
    // @ts-expect-error a model is a LayersModel, a function that builds one, or the path of a module
    defineConfig({ train: { to: "runs/a", model: 3 } }),
    // @ts-expect-error train
    defineConfig({ trian: { to: "runs/a" } }),
  ];
  expect(written[1]).toEqual({ extract: [{ from: "CK+", to: "data" }] });
});
