/** What it takes to get the same run again. */
import { html, type Html, facts } from "@fer/core/html";
import { count } from "../numbers.js";
import type { ReportData } from "../report-data.js";

export function settings({ config, model, environment = {} }: ReportData): Html {
  const { engine, versions, commit, seed } = config;
  const { modelFile } = config.given ?? {};
  return html`<h2>How to get it again</h2>
    ${facts([
      ["seed", String(seed)],
      ["engine", [engine.name, engine.version, engine.device].filter((part) => part !== null).join(", ")],
      ["chosen because", engine.reason],
      ["processor", config.processor ?? null],
      ...(model === null ? [] : modelFacts(model)),
      ["module of the network", modelFile === undefined ? null : `${modelFile.name}, sha256 ${modelFile.sha256}`],
      ...Object.entries(versions),
      ["commit", commit],
      ...Object.entries(environment),
    ])}
    <details>
      <summary>All options</summary>
      ${facts(flat(config.options))}
    </details>`;
}

function modelFacts(model: NonNullable<ReportData["model"]>): [string, string][] {
  const {
    size,
    channels,
    scale,
    offset,
    classes,
    parameters,
    architecture,
    net = {},
    crop,
    standardize,
    views,
    temperature,
  } = model;
  const own = Object.entries(net).map(([key, value]) => `${key} ${value}`);
  return [
    ["architecture", [architecture, ...own, `${count(parameters)} parameters`].join(", ")],
    [
      "input",
      `${size}×${size}×${channels}, ${crop === undefined ? "" : `crops of ${crop}×${crop}, `}${standardize ? "mean 128 and deviation 56, then " : ""}pixel · ${Number(scale.toPrecision(6))} ${offset < 0 ? "−" : "+"} ${Math.abs(offset)}`,
    ],
    [
      "output",
      `${classes.join(", ")}${views === 1 ? "" : `; mean of ${views} views of an image`}${temperature === undefined ? "" : `; temperature ${Number(temperature.toPrecision(6))}`}`,
    ],
  ];
}

/** Nested options as dotted names. */
function flat(options: Readonly<Record<string, unknown>>, prefix = ""): [string, string][] {
  return Object.entries(options).flatMap(([key, value]): [string, string][] => {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return flat(value as Record<string, unknown>, name);
    }
    return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}
