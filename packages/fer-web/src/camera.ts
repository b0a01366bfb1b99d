/** The camera of the machine, and what it sees. */
import { FerError } from "@fer/core/errors";
import type { RecognizedFace } from "@fer/recognizer";
import type { WebRecognizer } from "./web-recognizer.js";

export interface CameraOptions {
  /** The element that shows it; default: one that is made, and is not in the page. */
  video?: HTMLVideoElement;
  /** What is asked of the camera; default: 640 x 480 of the one that looks at the user. */
  constraints?: MediaTrackConstraints;
  signal?: AbortSignal;
}

/** A camera that is on. */
export class Camera {
  /** Shows what it sees. */
  readonly video: HTMLVideoElement;
  readonly stream: MediaStream;
  readonly #ended = new AbortController();

  constructor({ video, stream }: { video: HTMLVideoElement; stream: MediaStream }) {
    this.video = video;
    this.stream = stream;
    for (const track of stream.getTracks())
      track.addEventListener("ended", () => this.#end(lost("it was taken away or switched off")));
  }

  /** Aborted when it is over: the reason says whether it was stopped or lost. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Switches it off; its light goes out. */
  stop(): void {
    this.#end(new FerError({ code: "CAMERA_STOPPED", subject: "camera", found: "it was stopped" }));
  }

  #end(reason: FerError): void {
    for (const track of this.stream.getTracks()) track.stop();
    if (this.video.srcObject === this.stream) this.video.srcObject = null;
    this.#ended.abort(reason);
  }
}

/**
 * Switches the camera on; the browser asks the user first.
 *
 * @throws FerError `CAMERA_REFUSED`, `NO_CAMERA`, `CAMERA_BUSY`, `CAMERA_UNABLE`, `CAMERA_NOT_ALLOWED`, each with what to do
 * @example
 * ```ts not run: it wants a page
 * import { openCamera } from "@fer/web";
 *
 * const camera = await openCamera();
 * document.body.append(camera.video);
 * camera.stop();
 * ```
 */
export async function openCamera({ video, constraints, signal }: CameraOptions = {}): Promise<Camera> {
  signal?.throwIfAborted();
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  if (mediaDevices === undefined) {
    throw cameraError("CAMERA_NOT_ALLOWED", {
      found: "browsers give a page none that did not come by https",
      fix: "Serve the page by https, or from localhost",
    });
  }
  const wanted = constraints ?? { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" };
  const stream = await mediaDevices.getUserMedia({ video: wanted, audio: false }).catch((cause: unknown) => {
    throw refusal(cause as DOMException);
  });
  const element = video ?? Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  const camera = new Camera({ video: element, stream });
  try {
    signal?.throwIfAborted();
    element.srcObject = stream;
    await element.play();
  } catch (error) {
    camera.stop();
    throw error;
  }
  return camera;
}

function refusal(cause: DOMException): FerError {
  switch (cause.name) {
    case "NotAllowedError":
    case "SecurityError":
      return /system/i.test(cause.message)
        ? cameraError("CAMERA_REFUSED", {
            found: "the system does not give it to the browser",
            fix: "Allow the browser to use it in the system's privacy settings",
            cause,
          })
        : cameraError("CAMERA_REFUSED", {
            found: "the user, or a rule of this page, refused it",
            fix: 'Allow it by the camera sign in the browser\'s address bar, then try again; a page in a frame needs allow="camera"',
            cause,
          });
    case "NotFoundError":
      return cameraError("NO_CAMERA", { found: "none is connected", fix: "Connect one, or pass a picture", cause });
    case "NotReadableError":
    case "AbortError":
      return cameraError("CAMERA_BUSY", {
        found: `it does not start (${cause.message})`,
        fix: "Close other programs and pages that use it, then try again",
        cause,
      });
    case "OverconstrainedError":
      return cameraError("CAMERA_UNABLE", {
        found: `none can do what is asked (${(cause as OverconstrainedError).constraint})`,
        fix: "Ask for less by the option constraints",
        cause,
      });
    default:
      return cameraError("CAMERA_FAILED", { found: cause.message, fix: "Try again", cause });
  }
}

const lost = (found: string): FerError =>
  cameraError("CAMERA_LOST", { found, fix: "Connect it and allow it, then open it again" });

const cameraError = (code: string, parts: { found: string; fix: string; cause?: unknown }): FerError =>
  new FerError({ code, subject: "camera", ...parts });

export interface WatchOptions {
  signal?: AbortSignal | undefined;
  /** Width of the smallest face that is looked for, in pixels; default a tenth of the longer side, which is fastest. */
  smallest?: number | undefined;
}

/** One look at what a camera sees. */
export interface CameraShot {
  faces: RecognizedFace[];
  /** Of the frame that was looked at, in pixels; boxes are in these. */
  width: number;
  height: number;
  /** Of that frame, in seconds since the camera began. */
  time: number;
  /** Frames that the camera gave since the one before, and that were not looked at. */
  dropped: number;
  /** How long it took, in milliseconds. */
  took: number;
}

export async function* shotsOf(
  camera: Camera,
  { recognizer, signal, smallest }: WatchOptions & { recognizer: WebRecognizer },
): AsyncGenerator<CameraShot> {
  const { video, ended } = camera;
  const until = signal === undefined ? ended : AbortSignal.any([ended, signal]);
  let before: number | undefined;
  try {
    for (;;) {
      const { time, count } = await nextFrame(video, until);
      const start = performance.now();
      const frame = await createImageBitmap(video);
      const { width, height } = frame;
      const faces = await recognizer.recognize(frame, {
        signal: until,
        smallest: smallest ?? Math.max(width, height) / 10,
      });
      const dropped = before === undefined ? 0 : Math.max(0, count - before - 1);
      before = count;
      yield { faces, width, height, time, dropped, took: performance.now() - start };
    }
  } catch (error) {
    // Stopping it is how it ends; losing it is not.
    if (!ended.aborted || (ended.reason as FerError).code !== "CAMERA_STOPPED") throw error;
  }
}

/** Waits for a frame that is new; which one it is, counted from the first that the element showed. */
function nextFrame(video: HTMLVideoElement, until: AbortSignal): Promise<{ time: number; count: number }> {
  return new Promise((resolve, reject) => {
    until.throwIfAborted();
    const id = video.requestVideoFrameCallback((_, { mediaTime, presentedFrames }) => {
      until.removeEventListener("abort", stop);
      resolve({ time: mediaTime, count: presentedFrames });
    });
    const stop = (): void => {
      video.cancelVideoFrameCallback(id);
      reject(until.reason as Error);
    };
    until.addEventListener("abort", stop, { once: true });
  });
}
