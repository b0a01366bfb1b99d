/** Files of other people's models that are known by their content: what they take and what comes out, as published. */
import type { ModelFileInfo } from "./model-file-info.js";

/** By sha256 of the file. */
export const KNOWN_MODELS: Readonly<Record<string, ModelFileInfo>> = {
  // O. Arriaga et al. 2017, https://github.com/oarriaga/face_classification: preprocess_input (v2) and get_labels of
  // "fer2013". It was trained on the training part of FER2013 and chosen by its public test part.
  "59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e": {
    name: "fer2013_mini_XCEPTION.102-0.66.hdf5 (oarriaga/face_classification)",
    size: 64,
    channels: 1,
    scale: 1 / 127.5,
    offset: -1,
    classes: ["anger", "disgust", "fear", "happy", "sad", "surprise", "neutral"],
    trainedOn: "FER2013, training part",
  },
};
