/**
 * Convolutions and pools of real sizes, forward and backward, on every engine and in both precisions against float64,
 * in child processes: a runtime that crashes, or writes where it must not, is a finding too.
 *
 *     FER_SWEEP=2000 FER_SWEEP_SEED=1 FER_SWEEP_REPORT=sweep.md pnpm vitest run packages/tfjs-graph/test/sweep.test.ts
 *
 * `FER_SWEEP` is the number of cases an engine and precision, `FER_SWEEP_KINDS` and `FER_SWEEP_ON` name some of the ops
 * and engines only (`convFilter,maxPoolGrad`, `tensorflow/bfloat16`).
 */
import { appendFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tensorFlow } from "./engines.ts";
import { caseOf, KINDS, type Kind, type SweepCase } from "./sweep/cases.ts";
import { sweep, type Finding, type SweepOptions } from "./sweep/sweep.ts";

const count = Number(process.env.FER_SWEEP ?? 40);
const first = Number(process.env.FER_SWEEP_SEED ?? 1);
const kinds = (process.env.FER_SWEEP_KINDS?.split(",") ?? KINDS) as readonly Kind[];

/** Differences as a share of what sums of such products come to: sums of up to a million terms in float32. */
const TOLERANCE = { float32: 5e-5, bfloat16: 0.03 };

const places: SweepOptions[] = [
  { engine: "tensorflow", precision: "float32" },
  { engine: "tensorflow", precision: "bfloat16" },
  { engine: "onnx", precision: "float32" },
  { engine: "wasm", precision: "float32" },
];
const asked = process.env.FER_SWEEP_ON?.split(",");
const chosen = places.filter(({ engine, precision }) => asked?.includes(`${engine}/${precision}`) ?? true);

const conv = (kind: Kind, values: Partial<SweepCase>): SweepCase => ({
  kind,
  batch: 2,
  size: [48, 48],
  channels: 8,
  kernel: [1, 1],
  strides: [2, 2],
  dilations: [1, 1],
  pad: "same",
  filters: 16,
  ...values,
});

/** What failed once, and how. */
const regressions: [what: string, example: SweepCase][] = [
  ["tensorflow dies: a 1x1 filter with a stride, 48 px", conv("convFilter", {})],
  ["tensorflow dies: the same, one filter", conv("convFilter", { channels: 7, filters: 1, batch: 1, size: [24, 24] })],
  ["tensorflow dies: a stride along one axis", conv("convFilter", { size: [28, 80], strides: [2, 1], filters: 5 })],
  ["tensorflow dies: a stride of 4", conv("convFilter", { channels: 1, size: [96, 96], strides: [4, 4] })],
  [
    "bfloat16: garbage where a tap sees only padding",
    conv("convFilter", { batch: 32, size: [14, 1], channels: 4, kernel: [3, 9], strides: [4, 3], filters: 48 }),
  ],
  [
    "bfloat16: garbage in a 3x3 filter on 1x1",
    conv("convFilter", { size: [1, 1], channels: 64, kernel: [3, 3], filters: 7 }),
  ],
  [
    "bfloat16: sums in bfloat16, filter gradient with explicit pads",
    conv("convFilter", {
      kernel: [2, 1],
      size: [94, 15],
      strides: [4, 4],
      pad: [
        [1, 1],
        [0, 1],
      ],
      channels: 15,
    }),
  ],
  [
    "bfloat16: the same, input gradient",
    conv("convInput", {
      kernel: [2, 2],
      size: [28, 28],
      pad: [
        [0, 0],
        [0, 0],
      ],
      channels: 48,
      filters: 128,
    }),
  ],
  [
    "bfloat16: the same, depthwise",
    conv("depthwiseFilter", {
      kernel: [3, 4],
      size: [46, 80],
      strides: [1, 1],
      pad: [
        [0, 0],
        [1, 0],
      ],
      filters: 1,
    }),
  ],
  [
    "bfloat16: sums in bfloat16, average pool with overlapping windows",
    conv("avgPoolGrad", { kernel: [9, 9], size: [28, 80], strides: [2, 1], pad: "valid", filters: 1 }),
  ],
];

const wrong = ({ crash, refused, error }: Finding, tolerance: number): boolean =>
  crash !== undefined || refused !== undefined || !(error! < tolerance);

/** One line a kind, in Markdown. */
function report({ engine, precision }: SweepOptions, findings: readonly Finding[]): string {
  return KINDS.flatMap((kind) => {
    const found = findings.filter(({ example }) => example.kind === kind);
    if (found.length === 0) return [];
    const crashes = found.filter(({ crash }) => crash !== undefined).length;
    const worst = Math.max(...found.map(({ error = 0 }) => error));
    return [`| ${engine} | ${precision} | ${kind} | ${found.length} | ${crashes} | ${worst.toExponential(1)} |\n`];
  }).join("");
}

describe.each(chosen)("on $engine in $precision", (place) => {
  const isHere = place.engine !== "tensorflow" || tensorFlow !== null;
  const tolerance = TOLERANCE[place.precision];

  test.skipIf(!isHere)("what failed once is right", async () => {
    const findings = await sweep(
      regressions.map(([, example], i) => ({ seed: i, example })),
      place,
    );
    const failed = regressions.filter((_, i) => wrong(findings[i]!, tolerance)).map(([what]) => what);
    expect(failed).toEqual([]);
  });

  // Its depthwise gradients run in plain JavaScript.
  const length = place.engine === "wasm" ? Math.ceil(count / 8) : count;

  test.skipIf(!isHere)(`${length} random cases agree with float64`, { timeout: 60_000 + count * 2000 }, async () => {
    const cases = Array.from({ length }, (_, i) => ({ seed: first + i, example: caseOf(first + i, kinds) }));
    const findings = await sweep(cases, place);
    const { FER_SWEEP_REPORT } = process.env;
    if (FER_SWEEP_REPORT) appendFileSync(FER_SWEEP_REPORT, report(place, findings));
    const failed = findings.filter((finding) => wrong(finding, tolerance));
    expect(failed.map(({ text, crash, refused, error }) => `${text}: ${crash ?? refused ?? error}`)).toEqual([]);
  });
});
