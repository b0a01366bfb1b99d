/** Tested faces: a gallery that grows, and each face from near. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Face, Sample, SamplesAnswer } from "../protocol.js";
import { addressOf, ask, type Query } from "./api.js";
import { FaceDialog } from "./face-dialog.js";
import { Problem } from "./frame.js";
import { count, percent } from "./numbers.js";

/** Faces that come at a time. */
const STEP = 24;

const faceAddress = (set: string, { part, row }: Face): string => addressOf("face", { path: set, part, row });

export interface FaceImageProps {
  set: string | null;
  face: Face | null;
  alt: string;
}

/** A picture of a set; a frame where it cannot be shown. */
export const FaceImage = ({ set, face, alt }: FaceImageProps) =>
  set === null || face === null ? (
    <span class="face none" role="img" aria-label={`${alt}; its picture is not in this folder`} />
  ) : (
    <img class="face" alt={alt} src={faceAddress(set, face)} loading="lazy" />
  );

export interface GalleryProps {
  /** Of the run. */
  path: string;
  classes: readonly string[];
  /** Which faces, as `api/samples` is asked. */
  query: Query;
  /** What they are, for the ear. */
  label: string;
}

export function Gallery({ path, classes, query, label }: GalleryProps) {
  const [found, setFound] = useState<SamplesAnswer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [open, setOpen] = useState<Sample | null>(null);
  const address = addressOf("api/samples", { path, ...query, count: STEP });
  const asked = useRef("");
  asked.current = address;
  const load = async (from: number): Promise<void> => {
    try {
      const more = await ask<SamplesAnswer>(`${address}&from=${from}`);
      if (asked.current !== address) return;
      setFound((before) =>
        from === 0 || before === null ? more : { ...more, samples: [...before.samples, ...more.samples] },
      );
      setProblem(null);
    } catch (error) {
      if (asked.current === address) setProblem((error as Error).message);
    }
  };
  useEffect(() => void load(0), [address]);
  if (problem !== null) return <Problem message={problem} />;
  if (found === null) return <p class="soft">Reading …</p>;
  const { total, samples, set } = found;
  return (
    <>
      <p class="soft" role="status">
        {total === 0 ? "No face." : `${count(samples.length)} of ${count(total)} faces.`}
      </p>
      <ul class="faces" aria-label={label}>
        {samples.map((sample) => (
          <li key={sample.at}>
            <button type="button" onClick={() => setOpen(sample)}>
              <FaceImage set={set} face={sample.face} alt="" />
              <span>
                <b>{sample.truth}</b>
                {sample.predicted === sample.truth ? "" : <> taken for {sample.predicted}</>}
              </span>
              <small>{percent(sample.probabilities[classes.indexOf(sample.predicted)])} sure</small>
            </button>
          </li>
        ))}
      </ul>
      {samples.length < total && (
        <button type="button" onClick={() => void load(samples.length)}>
          More faces
        </button>
      )}
      {open !== null && (
        <FaceDialog path={path} set={set} classes={classes} sample={open} onClose={() => setOpen(null)} />
      )}
    </>
  );
}
