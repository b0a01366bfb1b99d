/** The page: a picture or the camera in, boxes, bars and a timeline out. */
import {
  type Backend,
  type Camera,
  createRecognizer,
  type ModelSource,
  openCamera,
  type RecognizedFace,
  type WebRecognizer,
} from "@fer/web";
import { showBars } from "./bars.js";
import { drawBoxes } from "./boxes.js";
import { percent } from "./names.js";
import { Timeline } from "./timeline.js";

const element = <T extends Element = HTMLElement>(id: string): T => document.querySelector<T>(`#${id}`)!;
const [picture, camera, backend, views, model] = [
  element<HTMLInputElement>("picture"),
  element<HTMLButtonElement>("camera"),
  element<HTMLSelectElement>("backend"),
  element<HTMLSelectElement>("views"),
  element<HTMLInputElement>("model"),
];
const [stage, hint, still, video, boxes] = [
  element("stage"),
  element("hint"),
  element<HTMLCanvasElement>("still"),
  element<HTMLVideoElement>("video"),
  element<HTMLCanvasElement>("boxes"),
];
const timeline = new Timeline(element<SVGSVGElement>("lines"), element("lines-text"));

let recognizer: WebRecognizer | undefined;
let files: ModelSource | undefined;
let running: Camera | undefined;
/** The face whose bars are shown. */
let chosen = 0;
let shown: { faces: readonly RecognizedFace[]; width: number; height: number } | undefined;

const say = (text: string): void => void (element("state").textContent = text);

function fail(error: unknown): void {
  const box = element("error");
  box.textContent = error === undefined ? "" : (error as Error).message;
  box.hidden = error === undefined;
}

const onWhat = ({ name, device }: Backend): string =>
  `${{ webgpu: "WebGPU", webgl: "WebGL", wasm: "WebAssembly" }[name]} (${device})`;

/** Which backend computes, and why those before it do not. */
function tellBackend(now: Backend): void {
  const refused = now.refused.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  say(`Computes on ${onWhat(now)}${refused === "" ? "" : `. Not on ${refused}`}.`);
}

let opening: AbortController | undefined;

async function open(): Promise<void> {
  // What was asked for before is not wanted any more.
  opening?.abort();
  const { signal } = (opening = new AbortController());
  fail(undefined);
  stop();
  setReady(false);
  say("Loading the model");
  recognizer?.dispose();
  recognizer = undefined;
  try {
    recognizer = await createRecognizer({
      backend: backend.value as "auto" | "webgpu" | "webgl" | "wasm",
      ...(views.value === "" ? {} : { views: 1 }),
      ...(files === undefined ? {} : { model: files }),
      onBackendChange: tellBackend,
      signal,
    });
    tellBackend(recognizer.backend);
    setReady(true);
  } catch (error) {
    if (signal.aborted) return;
    say("Not started");
    fail(error);
  }
}

function setReady(isReady: boolean): void {
  picture.disabled = camera.disabled = !isReady;
}

async function look(file: Blob): Promise<void> {
  if (recognizer === undefined) return;
  fail(undefined);
  stop();
  say("Looking");
  try {
    const bitmap = await createImageBitmap(file).catch(() => undefined);
    const start = performance.now();
    const faces = await recognizer.recognize(file);
    const took = performance.now() - start;
    if (bitmap !== undefined) showStill(bitmap);
    chosen = 0;
    show({ faces, width: still.width, height: still.height });
    say(`${Math.round(took)} ms on ${onWhat(recognizer.backend)}`);
  } catch (error) {
    say("");
    fail(error);
  }
}

function showStill(bitmap: ImageBitmap): void {
  [still.width, still.height] = [bitmap.width, bitmap.height];
  still.getContext("2d")!.drawImage(bitmap, 0, 0);
  bitmap.close();
  still.hidden = false;
  video.hidden = hint.hidden = true;
  stage.classList.add("full");
}

async function watch(): Promise<void> {
  if (recognizer === undefined) return;
  fail(undefined);
  camera.disabled = true;
  try {
    const opened = (running = await openCamera({ video }));
    camera.disabled = false;
    camera.textContent = "Switch the camera off";
    camera.setAttribute("aria-pressed", "true");
    video.hidden = false;
    still.hidden = hint.hidden = true;
    stage.classList.add("full");
    timeline.clear();
    element("timeline").hidden = false;
    chosen = 0;
    const times: number[] = [];
    for await (const { faces, width, height, dropped } of recognizer.watch(opened)) {
      const now = performance.now();
      times.push(now);
      while (times[0]! < now - 2000) times.shift();
      const rate = times.length < 2 ? 0 : ((times.length - 1) * 1000) / (now - times[0]!);
      show({ faces, width, height });
      timeline.add(now / 1000, faces[0]?.probabilities ?? null);
      say(`${rate.toFixed(1)} frames a second on ${onWhat(recognizer.backend)}, ${dropped} left out`);
    }
  } catch (error) {
    fail(error);
  } finally {
    stop();
    camera.disabled = recognizer === undefined;
  }
}

function stop(): void {
  running?.stop();
  running = undefined;
  camera.textContent = "Switch the camera on";
  camera.setAttribute("aria-pressed", "false");
  if (video.hidden) return;
  video.hidden = true;
  hint.hidden = false;
  stage.classList.remove("full");
  boxes.width = boxes.height = 0;
}

function show(seen: { faces: readonly RecognizedFace[]; width: number; height: number }): void {
  shown = seen;
  chosen = Math.min(chosen, Math.max(0, seen.faces.length - 1));
  place();
  drawBoxes(boxes, { ...seen, chosen });
  const list = element("faces");
  while (list.children.length > seen.faces.length) list.lastElementChild!.remove();
  for (const [at, face] of seen.faces.entries()) {
    const button = (list.children[at] ?? list.appendChild(buttonOf(at))) as HTMLButtonElement;
    button.textContent = `${at + 1}: ${face.expression}, ${percent(face.confidence)}`;
    button.setAttribute("aria-pressed", String(at === chosen));
  }
  showBars(element("bars"), seen.faces[chosen]?.probabilities ?? {});
  announce(seen.faces);
}

function buttonOf(at: number): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", () => {
    chosen = at;
    if (shown !== undefined) show(shown);
  });
  return button;
}

/** The canvas of the boxes lies exactly over what is seen. */
function place(): void {
  const under = video.hidden ? still : video;
  boxes.style.width = `${under.clientWidth}px`;
  boxes.style.height = `${under.clientHeight}px`;
}

let announced = 0;
/** For those who hear the page: what changed, and not many times a second. */
function announce(faces: readonly RecognizedFace[]): void {
  const text =
    faces.length === 0
      ? "No face found."
      : `${faces.length === 1 ? "One face" : `${faces.length} faces`}: ${faces
          .slice(0, 5)
          .map(({ expression, doubt }) => `${expression}${doubt === null ? "" : ` (doubtful: ${doubt})`}`)
          .join(", ")}.`;
  const summary = element("summary");
  const now = performance.now();
  if (summary.textContent === text || (running !== undefined && now - announced < 2000)) return;
  announced = now;
  summary.textContent = text;
}

picture.addEventListener("change", () => {
  const file = picture.files?.[0];
  picture.value = "";
  if (file !== undefined) void look(file);
});
camera.addEventListener("click", () => void (running === undefined ? watch() : stop()));
for (const setting of [backend, views]) setting.addEventListener("change", () => void open());
model.addEventListener("change", () => {
  if (model.files === null || model.files.length === 0) return;
  files = [...model.files];
  void open();
});
stage.addEventListener("dragover", (event) => {
  event.preventDefault();
  stage.classList.add("over");
});
stage.addEventListener("dragleave", () => stage.classList.remove("over"));
stage.addEventListener("drop", (event) => {
  event.preventDefault();
  stage.classList.remove("over");
  const file = event.dataTransfer?.files[0];
  if (file !== undefined) void look(file);
});
new ResizeObserver(place).observe(stage);

void open();
