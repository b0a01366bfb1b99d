/** Photos in, faces with their expressions out. */
import type { Prediction } from "@fer/core/inference";
import { fitOf } from "@fer/core/model-info";
import { cutFace, FACE_POSE, type FaceCrop, type Picture, preparePicture } from "@fer/core/pixels";
import type { Fit } from "@fer/core/set";
import type { ExpressionModel } from "./expression-model.js";
import type { DetectOptions, Face, FaceDetector } from "./face-detector.js";

/** A face, and what it shows. */
export type RecognizedFace = Face & Prediction;

export interface RecognizerParts {
  detector: FaceDetector;
  model: ExpressionModel;
}

/**
 * Finds faces and names their expressions. Detector and model stay open, and are the caller's to dispose.
 *
 * @example
 * ```ts not run: it wants a model
 * import { blazeFace, type ExpressionModel, Recognizer } from "@fer/recognizer";
 *
 * declare const model: ExpressionModel; // loadModel of @fer/model, or openPackagedModel
 * const recognizer = new Recognizer({ detector: blazeFace(), model });
 * const picture = { width: 64, height: 64, channels: 1 as const, data: new Uint8Array(64 * 64) };
 * for (const face of await recognizer.recognize(picture)) console.log(face.box, face.expression);
 * ```
 */
export class Recognizer {
  readonly detector: FaceDetector;
  readonly model: ExpressionModel;
  /** How faces are cut out: as those that the model was trained on, where it says that, else in FER2013's pose. */
  readonly crop: Omit<FaceCrop, "detector">;

  constructor({ detector, model }: RecognizerParts) {
    this.detector = detector;
    this.model = model;
    const cut = model.model.preprocessing?.find((step) => step.step === "cut");
    this.crop = cut ?? { ...FACE_POSE, side: model.model.size };
  }

  /** The faces of a photo, the largest first; none where there are none. */
  async recognize(picture: Picture, options: DetectOptions = {}): Promise<RecognizedFace[]> {
    return this.expressionsOf(picture, { ...options, faces: await this.detector.detect(picture, options) });
  }

  /** The same of faces that were found already. */
  async expressionsOf(
    picture: Picture,
    { faces, signal }: DetectOptions & { faces: readonly Face[] },
  ): Promise<RecognizedFace[]> {
    const predictions = await this.expressions(
      faces.map((face) => this.cut(picture, face)),
      { signal },
    );
    return faces.map((face, i) => Object.assign({}, face, predictions[i]!));
  }

  /** What faces show that were cut out already: each picture is one face. */
  async expressions(pictures: readonly Picture[], { signal }: DetectOptions = {}): Promise<Prediction[]> {
    return pictures.length === 0 ? [] : this.model.predict(this.pixels(pictures), { signal });
  }

  /** A face of a photo as the model was trained to see it, before it is made grey and of the model's size. */
  cut(picture: Picture, face: Face): Picture {
    const { side, eyeDistance, eyeHeight } = this.crop;
    return cutFace(picture, { face, side, eyeDistance, eyeHeight });
  }

  /**
   * What the model is fed of faces that were cut out: `[n, size, size, channels]`, raw 0..255.
   *
   * @param fit What makes them square; as in the training where it is left out.
   */
  pixels(pictures: readonly Picture[], { fit }: { fit?: Fit | undefined } = {}): Uint8Array {
    const { size, channels } = this.model.model;
    const own = fitOf(this.model.model) ?? this.model.fit ?? "stretch";
    const length = size * size * channels;
    const pixels = new Uint8Array(pictures.length * length);
    for (const [i, picture] of pictures.entries())
      pixels.set(preparePicture(picture, { size, channels, fit: fit ?? own }), i * length);
    return pixels;
  }
}
