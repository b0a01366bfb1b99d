/** A face from near: what each class got, where it is from, and what the network looks at in it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { OcclusionAnswer, Sample } from "../protocol.js";
import { addressOf, useAnswer } from "./api.js";
import { Facts } from "./data-table.js";
import { FaceImage } from "./faces.js";
import { Problem } from "./frame.js";
import { percent } from "./numbers.js";

export interface FaceDialogProps {
  path: string;
  set: string | null;
  classes: readonly string[];
  sample: Sample;
  onClose: () => void;
}

export function FaceDialog({ path, set, classes, sample, onClose }: FaceDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { truth, predicted, face, id, source, group, fold } = sample;
  const isRight = truth === predicted;
  return (
    <dialog ref={dialog} aria-labelledby="face-title" onClose={onClose}>
      <div class="row between">
        <h3 id="face-title">{isRight ? `${truth}, seen so` : `${truth}, taken for ${predicted}`}</h3>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <div class="near">
        <FaceImage set={set} face={face} alt={`Face labelled ${truth}`} />
        <Bars classes={classes} sample={sample} />
      </div>
      {face !== null && <Occlusion key={sample.at} path={path} at={sample.at} set={set} sample={sample} />}
      <Facts
        rows={(
          [
            ["id", id],
            ["source", source],
            ["person or clip", group],
            ["fold", fold],
          ] as const
        ).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)] as const]))}
      />
    </dialog>
  );
}

/** Probabilities, a row a class. */
export const Bars = ({ classes, sample }: { classes: readonly string[]; sample: Sample }) => (
  <table class="bars">
    <caption>Probabilities</caption>
    <tbody>
      {classes.map((name, label) => (
        <tr key={name} class={name === sample.truth ? "truth" : ""}>
          <th scope="row">
            {name}
            {name === sample.truth && <small> (label)</small>}
          </th>
          <td class="bar">
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect class="all" width="100" height="10" />
              <rect class="part" width={100 * sample.probabilities[label]!} height="10" />
            </svg>
          </td>
          <td class="number">{percent(sample.probabilities[label])}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

interface OcclusionProps {
  path: string;
  at: number;
  set: string | null;
  sample: Sample;
}

/** Asked for by a button: it takes the network a moment. */
function Occlusion({ path, at, set, sample }: OcclusionProps) {
  const [isAsked, setAsked] = useState(false);
  const answer = useAnswer<OcclusionAnswer>(isAsked ? addressOf("api/occlusion", { path, at }) : null);
  return (
    <section aria-labelledby="looks">
      <h4 id="looks">What the network looks at</h4>
      {!isAsked && (
        <button type="button" onClick={() => setAsked(true)}>
          Cover the face bit by bit
        </button>
      )}
      <div role="status">
        {isAsked && answer.state === "waiting" && <p class="soft">Asking the network about covered faces …</p>}
        {isAsked && answer.state === "here" && (
          <>
            <div class="near">
              <div class="layers">
                <FaceImage set={set} face={sample.face} alt="The face" />
                <HeatMap map={answer.value} />
              </div>
              <p>{heatInWords(answer.value)}</p>
            </div>
          </>
        )}
      </div>
      {isAsked && answer.state === "failed" && <Problem message={answer.message} />}
    </section>
  );
}

/** The map over the face: the stronger the colour, the more the prediction rests on the place. */
function HeatMap({ map }: { map: OcclusionAnswer }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context == null) return;
    const { size, heat } = map;
    const picture = context.createImageData(size, size);
    const most = Math.max(1e-6, ...heat);
    for (const [at, drop] of heat.entries()) picture.data.set([255, 90, 0, 215 * Math.max(0, drop / most)], 4 * at);
    context.putImageData(picture, 0, 0);
  }, [map]);
  return <canvas ref={canvas} width={map.size} height={map.size} role="img" aria-label={heatInWords(map)} />;
}

const ROWS = ["top", "middle", "bottom"] as const;
const COLUMNS = ["left", "centre", "right"] as const;

/** In which ninth of the face the prediction rests most. */
function heatInWords({ size, heat, expression, confidence, most }: OcclusionAnswer): string {
  const place = heat.indexOf(Math.max(...heat));
  const third = (at: number): number => Math.min(2, Math.floor((3 * at) / size));
  const [row, column] = [ROWS[third(Math.floor(place / size))]!, COLUMNS[third(place % size)]!];
  const named = `The network sees ${expression} (${percent(confidence)} in one view of the face).`;
  if (most < 0.01) return `${named} No single place decides that: covering any takes away less than one point.`;
  return `${named} It rests most on the ${row} ${column}: covering one place takes away up to ${(100 * most).toFixed(1)} points.`;
}
