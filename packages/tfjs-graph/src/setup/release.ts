/**
 * The TensorFlow release that the `tensorflow` runtime is set up from: a PyPI wheel for `libtensorflow` and the npm
 * tarball of tfjs-node-gpu for the binding. Pinned by content hash, whichever mirror they come from.
 * The cp311 wheels serve every machine: only the C libraries and headers in them are used, no Python.
 */

/** What the libraries can compute on. */
export type Flavour = "cpu" | "gpu";

export const TENSORFLOW_VERSION = "2.21.0";

/** Wheels of {@link TENSORFLOW_VERSION} for Linux x64, glibc 2.27 or newer. */
export const WHEELS: Record<Flavour, { project: string; file: string; sha256: string }> = {
  cpu: {
    project: "tensorflow-cpu",
    file: "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
    sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
  },
  gpu: {
    project: "tensorflow",
    file: "tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
    sha256: "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
  },
};

/** Oldest C library that the wheels run on. */
export const MINIMUM_GLIBC = "2.27";

/** The npm package whose binding is compiled and whose backend is used. */
export const BINDING = {
  name: "@tensorflow/tfjs-node-gpu",
  version: "4.22.0",
  integrity: "sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==",
};
