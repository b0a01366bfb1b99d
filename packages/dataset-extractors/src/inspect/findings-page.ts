/** One self-contained HTML page with what an inspection found, the pictures themselves beside the numbers. */
import { readFile } from "node:fs/promises";
import { extname, relative } from "node:path";
import { EXPRESSIONS } from "@fer/core";
import { html, type Html, raw } from "@fer/core/html";
import type { InspectResult } from "./inspect.js";

/** Groups of pictures shown for each finding; the numbers count all of them. */
const SHOWN = 40;
const MIME: Record<string, string> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".bmp": "image/bmp",
};

const CSS = `
:root{color-scheme:light dark;--line:light-dark(#d8d8d8,#444);--soft:light-dark(#f5f5f3,#1d1d1f);--warn:light-dark(#8a4b00,#ffb454)}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.25rem 0;overflow-wrap:anywhere}
.table{overflow-x:auto}table{border-collapse:collapse}td,th{padding:.2rem .8rem;border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums}
td:first-child,th:first-child{text-align:left}.warn{color:var(--warn);margin:.15rem 0}
.groups{display:flex;flex-wrap:wrap;gap:.6rem}.group{display:flex;flex-wrap:wrap;gap:.4rem;background:var(--soft);padding:.4rem;border-radius:.3rem}
figure{margin:0;width:64px}figure img{width:64px;height:64px;object-fit:contain;image-rendering:pixelated;display:block}
figcaption{font-size:11px;line-height:1.2;overflow-wrap:anywhere;color:GrayText}`;

/** The page as a string. Pictures are embedded: it holds faces, so it is for the people who may see the dataset. */
export async function findingsPage(result: InspectResult): Promise<string> {
  const { lists, duplicates, folders } = result;
  const label = (file: string): string => {
    const folder = folders.find((candidate) => !relative(candidate.folder, file).startsWith(".."))?.folder ?? "";
    return relative(folder, file).split(/[\\/]/).slice(0, 2).join(" ");
  };
  const figure = async (file: string): Promise<Html> => {
    const data = await readFile(file).then(
      (bytes) => bytes.toString("base64"),
      () => "",
    );
    const source = `data:${MIME[extname(file).toLowerCase()] ?? "application/octet-stream"};base64,${data}`;
    return html`<figure>
      <img alt="" src="${source}" title="${file}" />
      <figcaption>${label(file)}</figcaption>
    </figure>`;
  };
  const section = async (title: string, { note, groups }: { note: string; groups: string[][] }): Promise<Html> => {
    if (groups.length === 0) return html``;
    const shown = await Promise.all(groups.slice(0, SHOWN).map((group) => Promise.all(group.slice(0, 8).map(figure))));
    const more = groups.length > SHOWN && html`<p>${groups.length - SHOWN} more are listed in findings.json.</p>`;
    const figures = shown.map((group) => html`<div class="group">${group}</div>`);
    return html`<h2>${title}</h2>
      <p>${note}</p>
      <div class="groups">${figures}</div>
      ${more}`;
  };
  const classes = EXPRESSIONS.filter((name) => Object.values(result.counts).some((perClass) => perClass[name]));
  const rows = Object.entries(result.counts).map(([split, perClass]) => {
    const sum = Object.values(perClass).reduce((total, count) => total + count, 0);
    const counts = classes.map((name) => html`<td>${perClass[name] ?? 0}</td>`);
    return html`<tr>
      <td>${split}</td>
      ${counts}
      <td>${sum}</td>
      <td>${result.sharpness[split]}</td>
    </tr>`;
  });
  const head = classes.map((name) => html`<th>${name}</th>`);
  const table = html`<div class="table">
    <table>
      <tr>
        <th>split</th>
        ${head}
        <th>sum</th>
        <th>sharpness</th>
      </tr>
      ${rows}
    </table>
  </div>`;
  const sources = folders.map(
    ({ folder, fingerprint }, at) => html`${at > 0 && ", "}${folder} <code>${fingerprint.slice(0, 12)}</code>`,
  );
  const { exact, near } = duplicates;
  return [
    html`<!doctype html>
      <html lang="en">
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Findings</title>
        <style>
          ${raw(CSS)}
        </style>
       `,
    html`<h1>${folders.map(({ adapter, form }) => `${adapter} (${form})`).join(", ")}</h1>`,
    html`<p>${result.images} images. ${sources}</p>`,
    ...result.warnings.map((warning) => html`<p class="warn">⚠ ${warning}.</p>`),
    html`<h2>Counts</h2>
      ${table}`,
    await section("Conflicting labels", {
      note: `${result.conflicts} groups of identical pictures under different labels.`,
      groups: lists.conflicts,
    }),
    await section("Changed pictures", {
      note: `${result.changed} pictures are not the ones that were extracted.`,
      groups: lists.changed.map((file) => [file]),
    }),
    await section("Black pictures", { note: `${result.black} pictures.`, groups: lists.black.map((file) => [file]) }),
    await section("Blank pictures", {
      note: `${result.blank} pictures of a single tone.`,
      groups: lists.blank.map((file) => [file]),
    }),
    await section("Dark pictures", {
      note: `${result.dark} pictures are nearly black.`,
      groups: lists.dark.map((file) => [file]),
    }),
    await section("Blurred pictures", {
      note: `${result.blurred} pictures are a third as sharp as the median of their split, or less.`,
      groups: lists.blurred.map((file) => [file]),
    }),
    await section("No face", {
      note: `${result.noFace} pictures do not look like a face that was cut out.`,
      groups: lists.noFace.map((file) => [file]),
    }),
    await section("Exact twins", {
      note: `${exact.groups} groups, ${exact.files} pictures; ${exact.acrossSplits} stand in a later split than their twin.`,
      groups: [...lists.exact].sort((a, b) => spreadOf(b, label) - spreadOf(a, label)),
    }),
    await section("Near twins", {
      note: `${near.groups} groups, ${near.files} pictures; ${near.acrossSplits} stand in a later split than their twin.`,
      groups: lists.near,
    }),
    `</html>\n`,
  ].join("\n");
}

/** Number of splits that a group spans, so that the groups that leak come first. */
const spreadOf = (group: string[], label: (file: string) => string): number =>
  new Set(group.map((file) => label(file).split(" ")[0])).size;
