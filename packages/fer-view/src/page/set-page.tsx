/** The card of a set: what it is made of, how it is split, what stands on both sides. */
import type { PartInfo } from "@fer/core/set";
import { useState } from "preact/hooks";
import type { SetAnswer, TwinPair, TwinsAnswer } from "../protocol.js";
import { addressOf, useAnswer } from "./api.js";
import { DataTable, Facts, numberColumns } from "./data-table.js";
import { FaceImage } from "./faces.js";
import { Await, Caveats, Frame, Section } from "./frame.js";
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
      <Caveats list={verdicts} />
      <Section id="counts" title="Counts">
        <DataTable
          caption="Images by class and part"
          columns={numberColumns("class", ...names)}
          rows={[
            ...classes.map((name) => row(name, ({ perClass }) => perClass[name] ?? 0)),
            row("people or clips", ({ groups }) => groups),
            row("images", ({ count: n }) => n),
          ]}
        />
        {folds !== undefined && (
          <DataTable
            caption="Folds"
            columns={numberColumns("fold", "train", "val", "test", "people or clips tested")}
            rows={folds.map(({ name, train, val, test }, at) => [
              name ?? `fold ${at + 1}`,
              count(train.count),
              count(val?.count ?? 0),
              count(test.count),
              count(test.groups),
            ])}
          />
        )}
      </Section>
      <Section id="twins" title="Twins">
        <Twins path={path} hasFolds={folds !== undefined} />
      </Section>
      <Section id="made" title="How it was made">
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
      </Section>
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
  return (
    <Await answer={answer} waiting="Reading every image …">
      {(found) => <Pairs path={path} found={found} sides={sides} />}
    </Await>
  );
}

interface PairsProps {
  path: string;
  found: TwinsAnswer;
  /** Whose pairs they are. */
  sides: string;
}

function Pairs({ path, found: { near, exact, pairs }, sides }: PairsProps) {
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
