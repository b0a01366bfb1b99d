/** `fer architectures`: the networks there are, what each costs, and how fast it trains here. */
import {
  type ArchitectureName,
  architectures,
  ARCHITECTURES,
  benchEngine,
  engines,
  multiplyAdds,
  NetOptions,
} from "@fer/model";
import { formatCount, OptionsError } from "@fer/core";
import { z } from "zod";
import { defineCommand } from "../command.js";
import { loadModelModule, type ModelModule } from "../config/model-module.js";
import { table } from "../output/table.js";

export const ArchitecturesOptions = z.strictObject({
  architecture: z
    .enum(ARCHITECTURES)
    .nullable()
    .default(null)
    .describe("Only this one, e.g. with other options of net"),
  model: z
    .string()
    .nullable()
    .default(null)
    .describe("Only a network of your own: a module as fer train --model takes it"),
  net: NetOptions.default({}).describe("Options of that network; left-out ones are its own defaults"),
  size: z.number().int().positive().max(1024).default(48).describe("Height and width of the images in pixels"),
  classes: z.number().int().min(2).max(1000).default(7).describe("Number of expressions"),
  bench: z
    .boolean()
    .default(false)
    .describe("Also measure how fast each engine here trains each of them (cpu, the slow reference, is left out)"),
  batchSize: z.number().int().positive().max(4096).default(64).describe("Images in a step of --bench"),
  seconds: z.number().positive().max(600).default(5).describe("Time that --bench measures each engine and network for"),
});

/** A network, what it costs, and its training speed where that was measured. */
export interface ArchitectureRow {
  /** Of an architecture, or of the file of a module. */
  name: string;
  title: string;
  source: string;
  minimumSize: number;
  /** Its own options with their values. */
  net: Record<string, unknown>;
  /** `null` where the images are too small for it. */
  parameters: number | null;
  multiplyAdds: number | null;
  /** By engine. */
  imagesPerSecond?: Record<string, number>;
}

export default defineCommand({
  options: ArchitecturesOptions,
  details:
    "Multiply-adds are those of one image in one view; a prediction of a run looks at ten views unless it was trained with others, and a step of training costs about three times as much.",
  examples: [
    "fer architectures",
    "fer architectures --bench",
    "fer architectures --architecture resnet --net-width 24",
  ],
  kept: () => "Nothing was changed.",
  paths: ["model"],
  async run({ architecture, model, net, size, classes, bench, ...options }, { signal, output }) {
    if (model !== null) refuseBoth(architecture, net);
    const own = model === null ? null : await loadModelModule(model);
    const names = architecture === null ? ARCHITECTURES : [architecture];
    const rows =
      own === null
        ? names.map((name) => rowOf(name, { net: architecture === null ? {} : net, size, classes }))
        : [ownRow(own, { size, classes })];
    if (!bench) return { text: renderArchitectures(rows), json: rows };
    for (const engine of Object.values(engines)) {
      if (engine.name === "cpu" || !(await engine.probe()).available) continue;
      for (const row of rows) {
        if (row.parameters === null) continue;
        output.note(`measuring ${row.name} on ${engine.name}`);
        const rate = await benchEngine(engine, {
          ...options,
          architecture: own?.model ?? (row.name as ArchitectureName),
          net: row.net,
          size,
          signal,
        });
        row.imagesPerSecond = { ...row.imagesPerSecond, [engine.name]: rate };
      }
    }
    return { text: renderArchitectures(rows), json: rows };
  },
});

function rowOf(
  name: ArchitectureName,
  { net, size, classes }: { net: NetOptions; size: number; classes: number },
): ArchitectureRow {
  const { title, source, minimumSize, net: options } = architectures[name];
  const row = { name, title, source, minimumSize };
  if (size < minimumSize) return { ...row, net: options.parse(net), parameters: null, multiplyAdds: null };
  const model = architectures[name].build({ size, classes, ...net });
  try {
    return { ...row, net: options.parse(net), parameters: model.countParams(), multiplyAdds: multiplyAdds(model) };
  } finally {
    model.dispose();
  }
}

function refuseBoth(architecture: ArchitectureName | null, net: NetOptions): void {
  const other = architecture === null ? Object.keys(net)[0] : `architecture ${architecture}`;
  if (other === undefined) return;
  throw new OptionsError({
    code: "INVALID_OPTIONS",
    subject: "--model",
    found: `a network of your own, and ${architecture === null ? `net.${other}` : other}`,
    expected: "one of them",
    fix: "Leave one out",
  });
}

function ownRow(
  { model: build, modelFile }: ModelModule,
  { size, classes }: { size: number; classes: number },
): ArchitectureRow {
  const model = build({ size, channels: 1, classes, seed: 1 });
  try {
    const about = { title: "a network of your own", source: `sha256 ${modelFile.sha256}`, minimumSize: 1, net: {} };
    return { name: modelFile.name, ...about, parameters: model.countParams(), multiplyAdds: multiplyAdds(model) };
  } finally {
    model.dispose();
  }
}

/** One line a network, then its options and where it comes from. */
export function renderArchitectures(rows: readonly ArchitectureRow[]): string {
  const measured = [...new Set(rows.flatMap(({ imagesPerSecond = {} }) => Object.keys(imagesPerSecond)))];
  const head = ["architecture", "parameters", "multiply-adds", ...measured.map((engine) => `images/s ${engine}`)];
  const lines = rows.map((row) => [
    row.name,
    row.parameters === null ? `needs ${row.minimumSize} x ${row.minimumSize}` : formatCount(row.parameters),
    row.multiplyAdds === null ? null : `${(row.multiplyAdds / 1e6).toFixed(1)} M`,
    ...measured.map((engine) => rounded(row.imagesPerSecond?.[engine])),
    optionsOf(row.net),
  ]);
  const notes = rows.map(({ name, title, source }) => `  ${name}: ${title} [${source}]`);
  return [table([...head, "net"], lines), "", ...notes].join("\n");
}

const optionsOf = (net: Record<string, unknown>): string =>
  Object.entries(net)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");

const rounded = (rate: number | undefined): number | null =>
  rate === undefined ? null : rate < 10 ? Math.round(rate * 100) / 100 : Math.round(rate);
