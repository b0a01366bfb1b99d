/** Tested faces: a gallery that grows, and each face from near. */
import { useState } from "preact/hooks";
import type { Face, Sample, SamplesAnswer } from "../protocol.js";
import { addressOf, type Query } from "./api.js";
import { FaceDialog } from "./face-dialog.js";
import { Problem } from "./frame.js";
import { count, percent } from "./numbers.js";
import { usePieces } from "./use-pieces.js";

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
  const [open, setOpen] = useState<Sample | null>(null);
  const { found, problem, load } = usePieces<SamplesAnswer>("api/samples", {
    query: { path, ...query },
    join: (before, more) => ({ ...more, samples: [...before.samples, ...more.samples] }),
  });
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
        <button type="button" onClick={() => load(samples.length)}>
          More faces
        </button>
      )}
      {open !== null && (
        <FaceDialog path={path} set={set} classes={classes} sample={open} onClose={() => setOpen(null)} />
      )}
    </>
  );
}
