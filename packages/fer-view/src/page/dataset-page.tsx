/** An image folder: what was extracted, what was left out, and its pictures. */
import { useState } from "preact/hooks";
import type { DatasetAnswer, PicturesAnswer } from "../protocol.js";
import { addressOf, useAnswer } from "./api.js";
import { DataTable, Facts, numberColumns } from "./data-table.js";
import { Await, Caveats, Frame, Problem, Section } from "./frame.js";
import { count } from "./numbers.js";
import { usePieces } from "./use-pieces.js";

export function DatasetPage({ path }: { path: string }) {
  const answer = useAnswer<DatasetAnswer>(addressOf("api/dataset", { path }));
  return (
    <Frame title={path}>
      <Await answer={answer}>{(value) => <Card answer={value} />}</Await>
    </Frame>
  );
}

const VERIFIED = {
  match: "The counts are the owner's",
  differs: "The counts differ from the owner's",
  partial: "The counts are the owner's in part",
  unknown: "The owner's counts are not known",
} as const;

function Card({ answer: { path, info } }: { answer: DatasetAnswer }) {
  const { adapter, title, form, counts, total, skipped, verification, warnings, decoder, fingerprint, version } = info;
  const splits = Object.keys(counts);
  const classes = [...new Set(splits.flatMap((split) => Object.keys(counts[split]!)))];
  const kind = verification.status === "match" ? "good" : verification.status === "differs" ? "warning" : "note";
  return (
    <>
      <p class="lead">
        {title}, {count(total)} images
      </p>
      <Caveats
        list={[
          { kind, text: `${[VERIFIED[verification.status], ...verification.details].join(": ")}.` },
          ...warnings.map((text) => ({ kind: "warning", text })),
        ]}
      />
      <Section id="counts" title="Counts">
        <DataTable
          caption="Images by class and the owner's split"
          columns={numberColumns("class", ...splits)}
          rows={classes.map((name) => [name, ...splits.map((split) => count(counts[split]![name] ?? 0))])}
        />
        {Object.keys(skipped).length > 0 && (
          <DataTable
            caption="Left out"
            columns={numberColumns("why", "items")}
            rows={Object.entries(skipped).map(([reason, n]) => [reason, count(n)])}
          />
        )}
      </Section>
      <Pictures path={path} splits={splits} classes={classes} />
      <Section id="made" title="How it was made">
        <Facts
          rows={[
            ["adapter", `${adapter}, ${form}`],
            ["decoder", decoder],
            ["fingerprint", fingerprint],
            ["made by", `@fer/dataset-extractors ${version}`],
          ]}
        />
      </Section>
    </>
  );
}

interface PicturesProps {
  path: string;
  splits: readonly string[];
  classes: readonly string[];
}

function Pictures({ path, splits, classes }: PicturesProps) {
  const [split, setSplit] = useState(splits[0] ?? "all");
  const [expression, setExpression] = useState("");
  const { found, problem, load } = usePieces<PicturesAnswer>("api/pictures", {
    query: { path, split, expression: expression || null },
    join: (before, more) => ({ ...more, pictures: [...before.pictures, ...more.pictures] }),
  });
  return (
    <Section id="pictures" title="Pictures">
      <div class="row">
        <label>
          Split{" "}
          <select value={split} onChange={(event) => setSplit(event.currentTarget.value)}>
            {splits.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Class{" "}
          <select value={expression} onChange={(event) => setExpression(event.currentTarget.value)}>
            <option value="">all</option>
            {classes.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      {problem !== null && <Problem message={problem} />}
      {found !== null && (
        <>
          <p class="soft" role="status">
            {count(found.pictures.length)} of {count(found.total)} pictures.
          </p>
          <ul class="faces" aria-label="Pictures">
            {found.pictures.map(({ file, id, expression: label, subject }) => (
              <li key={file}>
                <img class="face" alt="" loading="lazy" src={addressOf("picture", { path, split, file })} />
                <span>
                  <b>{label}</b>
                </span>
                <small>{subject === null ? id : `${id}, ${subject}`}</small>
              </li>
            ))}
          </ul>
          {found.pictures.length < found.total && (
            <button type="button" onClick={() => load(found.pictures.length)}>
              More pictures
            </button>
          )}
        </>
      )}
    </Section>
  );
}
