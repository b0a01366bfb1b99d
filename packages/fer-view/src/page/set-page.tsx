/** The card of a set: what it is made of, how it is split, what stands on both sides. */
import type { PartInfo } from "@fer/core/set";
import { useState } from "preact/hooks";
import type { SetAnswer, TwinPair, TwinsAnswer } from "../protocol.js";
import { addressOf, useAnswer } from "./api.js";
import { DataTable, Facts } from "./data-table.js";
import { FaceImage } from "./faces.js";
import { Await, Frame, Problem } from "./frame.js";
import { count } from "./numbers.js";

export function SetPage({ path }: { path: string }) {
  const answer = useAnswer<SetAnswer>(addressOf("api/set", { path }));
  return (
    <Frame
      title={path}
      lead={
        answer.state === "here" && answer.value.hasPage ? (
          <p>
            <a href={addressOf("set.html", { path })}>The page that fer assemble wrote</a>
          </p>
        ) : null
      }
    >
      <Await answer={answer}>{(value) => <Card answer={value} />}</Await>
    </Frame>
  );
}

function Card({ answer: { path, info, verdicts } }: { answer: SetAnswer }) {
  const { parts, folds, classes, image, policy, policyReason, protocol, seed, sources, fingerprint, version } = info;
  const names = Object.keys(parts) as (keyof typeof parts)[];
  const row = (name: string, of: (part: PartInfo) => number): string[] =>
    [name].concat(names.map((part) => count(of(parts[part]!))));
  const { size, channels, dtype, fit } = image;
  return (
    <>
      <ul class="caveats">
        {verdicts.map(({ kind, text }) => (
          <li key={text} class={kind}>
            {text}
          </li>
        ))}
      </ul>
      <section aria-labelledby="counts">
        <h2 id="counts">Counts</h2>
        <DataTable
          caption="Images by class and part"
          columns={["class", ...names].map((title, at) => ({ title, number: at > 0 }))}
          rows={[
            ...classes.map((name) => row(name, ({ perClass }) => perClass[name] ?? 0)),
            row("people or clips", ({ groups }) => groups),
            row("images", ({ count: n }) => n),
          ]}
        />
        {folds !== undefined && (
          <DataTable
            caption="Folds"
            columns={["fold", "train", "val", "test", "people or clips tested"].map((title, at) => ({
              title,
              number: at > 0,
            }))}
            rows={folds.map(({ name, train, val, test }, at) => [
              name ?? `fold ${at + 1}`,
              count(train.count),
              count(val?.count ?? 0),
              count(test.count),
              count(test.groups),
            ])}
          />
        )}
      </section>
      <section aria-labelledby="twins">
        <h2 id="twins">Twins</h2>
        <Twins path={path} hasFolds={folds !== undefined} />
      </section>
      <section aria-labelledby="made">
        <h2 id="made">How it was made</h2>
        <Facts
          rows={[
            ["policy", policyReason === undefined ? policy : `${policy} (${policyReason})`],
            ...(protocol === undefined ? [] : [["protocol", `${protocol.title} (${protocol.paper})`] as const]),
            ["images", `${size} x ${size} ${channels === 1 ? "grey" : "RGB"}, ${dtype}, non-square ones: ${fit}`],
            ["seed", String(seed ?? "–")],
            ["sources", sources.map(({ adapter, form }) => `${adapter} (${form})`).join(", ") || "–"],
            ["fingerprint", fingerprint],
            ["made by", `@fer/split-assembler ${version}`],
          ]}
        />
      </section>
    </>
  );
}

/** Looked for when asked: every image is read. */
function Twins({ path, hasFolds }: { path: string; hasFolds: boolean }) {
  const [isAsked, setAsked] = useState(false);
  const answer = useAnswer<TwinsAnswer>(isAsked ? addressOf("api/twins", { path }) : null);
  const sides = hasFolds ? "of different people or clips" : "of train on one side, of val or test on the other";
  if (!isAsked)
    return (
      <button type="button" onClick={() => setAsked(true)}>
        Look for images that are the same, or nearly, {sides}
      </button>
    );
  if (answer.state === "failed") return <Problem message={answer.message} />;
  if (answer.state === "waiting")
    return (
      <p class="soft" role="status">
        Reading every image …
      </p>
    );
  const { near, exact, pairs } = answer.value;
  return (
    <>
      <p role="status">
        {near + exact === 0
          ? `No pair, ${sides}.`
          : `${count(exact)} pairs of the same pixels and ${count(near)} nearly the same (by the images as the set has them), ${sides}; ${count(pairs.length)} are shown.`}
      </p>
      <ul class="pairs">
        {pairs.map((pair) => (
          <li key={`${pair.heldOut.part} ${pair.heldOut.row}`} class={isConflict(pair) ? "conflict" : ""}>
            <p>
              {pair.kind === "near" ? "nearly the same" : "the same pixels"}
              {isConflict(pair) && (
                <>
                  , <b>two labels</b>
                </>
              )}
            </p>
            {[pair.train, pair.heldOut].map(({ source, label, ...face }) => (
              <figure key={source}>
                <FaceImage set={path} face={face} alt="" />
                <figcaption>
                  <b>{label}</b>, {face.part}
                  <br />
                  {source}
                </figcaption>
              </figure>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}

const isConflict = ({ train, heldOut }: TwinPair): boolean => train.label !== heldOut.label;
