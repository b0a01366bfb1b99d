/** `<name>.html`: what a set is made of, how it is split, what stands on both sides, whom to cite. Self-contained. */
import { formatCount } from "@fer/core";
import { facts, html, type Html, raw, STYLE, table } from "@fer/core/html";
import { type PartInfo, PARTS, type SetInfo } from "@fer/core/set";
import { adapters } from "@fer/dataset-extractors";
import { bibtex } from "./bibtex.js";
import { listed, setVerdicts } from "./set-verdicts.js";
import type { TwinPair, TwinPicture } from "./twin-pairs.js";

export interface SetPage {
  info: SetInfo;
  /** Those that are shown. */
  pairs: readonly TwinPair[];
  /** How many there are. */
  twins: number;
}

/** The page as a string: it holds faces, so it is for the people who may see the data. */
export function setPage({ info, pairs, twins }: SetPage): string {
  const { name, policy, policyReason, protocol } = info;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${name}</title>
        <style>
          ${raw(STYLE_OF_PAGE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${name}</h1>
          <p class="soft">
            ${total(info)} from ${info.sources.map(({ adapter }) => adapter).join(", ")}, policy
            “${policy}”${policyReason !== undefined && html` (${policyReason})`}
          </p>
        </header>
        <ul class="caveats">
          ${setVerdicts(info).map(({ kind, text }) => html`<li class="${kind}">${text}</li>`)}
        </ul>
        ${protocol !== undefined && protocolSection(protocol)} ${counts(info)}
        ${info.folds !== undefined && folds(info.folds)} ${leaks({ info, pairs, twins })} ${choices(info)}
        ${sources(info)}
      </body>
    </html>`;
  return `${page.text}\n`;
}

const STYLE_OF_PAGE = `${STYLE}
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(12.5rem, 1fr)); gap: 0.75rem; padding: 0; list-style: none; }
.pairs li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.5rem; display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; align-content: start; }
.pairs p { grid-column: 1 / -1; margin: 0; font-size: 0.75rem; line-height: 1.2; color: var(--soft); }
.pairs figure { margin: 0; min-width: 0; }
.pairs img { width: 100%; aspect-ratio: 1; image-rendering: pixelated; display: block; }
.pairs figcaption { padding-top: 0.3rem; font-size: 0.7rem; line-height: 1.3; overflow-wrap: anywhere; color: var(--soft); }
.pairs figcaption b { color: var(--text); font-weight: 600; }
.pairs li.conflict { border-color: var(--warning); }
.pairs li.conflict p b { color: var(--warning); font-weight: 600; }
`;

const total = ({ parts }: SetInfo): string => {
  const counted = PARTS.flatMap((part) => (part === "full" || parts[part] === undefined ? [] : [parts[part].count]));
  return `${formatCount(counted.reduce((a, b) => a + b, 0))} images`;
};

function protocolSection({ name, title, metric, paper, status, details }: SetInfo["protocol"] & object): Html {
  return html`<h2>Protocol</h2>
    ${facts([
      ["name", name],
      ["what", title],
      ["metric", metric],
      ["set by", paper],
      ["counts", { match: "the owner's", differs: "others than the owner's", unknown: "not fixed" }[status]],
      ["differences", details.join("; ")],
    ])}`;
}

function counts({ parts, classes, groupKind }: SetInfo): Html {
  const names = PARTS.filter((part) => parts[part] !== undefined);
  const row = (what: string, of: (part: PartInfo) => number): string[] => [
    what,
    ...names.map((name) => formatCount(of(parts[name]!))),
  ];
  const origins = names.flatMap((name) => (parts[name]!.from === undefined ? [] : [[name, listed(parts[name]!.from)]]));
  return html`<h2>Counts</h2>
    ${table([{ title: "class" }, ...names.map((title) => ({ title, number: true }))], {
      rows: [
        ...classes.map((name) => row(name, ({ perClass }) => perClass[name] ?? 0)),
        ...(groupKind === "none"
          ? []
          : [row(groupKind === "subject" ? "people" : `${groupKind}s`, ({ groups }) => groups)]),
        row("images", ({ count }) => count),
      ],
      total: true,
    })}
    ${facts(origins as [string, string][])}`;
}

function folds(all: SetInfo["folds"] & object): Html {
  const columns = ["train", "val", "test", "groups tested", "twins in train", "shared groups"];
  const rows = all.map(({ name, train, val, test, leaks }, index) => [
    name ?? `fold ${index + 1}`,
    ...[train.count, val?.count ?? 0, test.count, test.groups, leaks.exact + (leaks.near ?? 0), leaks.groups].map(
      formatCount,
    ),
  ]);
  return html`<h2>Folds</h2>
    ${table([{ title: "fold" }, ...columns.map((title) => ({ title, number: true }))], { rows })}`;
}

function leaks({ info, pairs, twins }: SetPage): Html | false {
  if (pairs.length === 0) return false;
  const figure = ({ png, source, expression }: TwinPicture): Html =>
    html`<figure>
      <img alt="" src="data:image/png;base64,${png.toString("base64")}" />
      <figcaption>
        <b>${expression}</b><br />
        ${source.split("/").map((name, i) => html`${i > 0 && html`/<wbr />`}${name}`)}
      </figcaption>
    </figure>`;
  const kinds = { near: "nearly the same", exact: "the same pixels" };
  return html`<h2>Twins</h2>
    <p class="soft">
      ${formatCount(pairs.length)} of ${formatCount(twins)} pairs that ${info.thinned === undefined ? "are" : "were"} on
      both sides: the training image left, near ones first.
    </p>
    <ul class="pairs">
      ${pairs.map(
        ({ kind, train, heldOut }) =>
          html`<li class="${train.expression === heldOut.expression ? "" : "conflict"}">
            <p>${kinds[kind]}${train.expression !== heldOut.expression && html`, <b>two labels</b>`}</p>
            ${figure(train)}${figure(heldOut)}
          </li>`,
      )}
    </ul>`;
}

function choices({ image, seed, shares, map, limit, cap, excluded, dropped, targets = [], imageKind }: SetInfo): Html {
  const { size, channels, dtype, fit } = image;
  return html`<h2>How it was made</h2>
    ${facts([
      [
        "images",
        `${imageKind}s, ${size}×${size} ${channels === 1 ? "grey" : "RGB"}, ${dtype}, non-square ones: ${fit}`,
      ],
      ["seed", seed],
      ["shares", shares == null ? null : `val ${shares.val}, test ${shares.test}`],
      ["beside the labels", targets.join(", ")],
      ["classes left out", listed(dropped)],
      [
        "taken as",
        map === undefined
          ? null
          : Object.entries(map)
              .map((pair) => pair.join(" as "))
              .join(", "),
      ],
      ["limits", limit === undefined ? null : `${listed(limit.of)}; ${formatCount(limit.leftOut)} left out`],
      [
        "cap",
        cap === undefined ? null : `${formatCount(cap.most)} training images a class; left out: ${listed(cap.leftOut)}`,
      ],
      ["excluded by a list", excluded ?? null],
    ])}`;
}

function sources({ sources: all, fingerprint, version }: SetInfo): Html {
  const cards = all.map((source) => ({ ...source, adapter: adapters[source.adapter], name: source.adapter }));
  const entries = [...new Set(cards.flatMap(({ adapter }) => (adapter === undefined ? [] : (bibtex(adapter) ?? []))))];
  return html`<h2>Sources</h2>
    ${cards.map(
      ({ name, form, fingerprint: of, adapter }) =>
        html`<h3>${adapter?.title ?? name}</h3>
          ${facts([
            ["form", form],
            ["cite", adapter?.citation === "none" ? null : (adapter?.citation ?? null)],
            ["licence", adapter?.licence ?? null],
            ["fingerprint", of],
          ])}`,
    )}
    ${
      entries.length > 0 &&
      html`<h3>BibTeX</h3>
        ${raw("<pre>")}${entries.join("\n\n")}${raw("</pre>")}`
    }
    ${facts([
      ["fingerprint of the set", fingerprint],
      ["made by", `@fer/split-assembler ${version}`],
    ])}`;
}
