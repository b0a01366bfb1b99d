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

/**
 * CUDA wheels that the gpu wheel asks for (its extra `and-cuda`, which leaves the versions open): the newest that
 * fitted when this was written, so that two set-ups load the same libraries.
 */
export const CUDA_WHEELS: readonly { requirement: string; file: string; sha256: string }[] = [
  {
    requirement: "nvidia-cublas-cu12==12.9.3.13",
    file: "nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72",
  },
  {
    requirement: "nvidia-cuda-cupti-cu12==12.8.90",
    file: "nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256: "ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182",
  },
  {
    requirement: "nvidia-cuda-nvcc-cu12==12.9.86",
    file: "nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
    sha256: "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0",
  },
  {
    requirement: "nvidia-cuda-nvrtc-cu12==12.9.86",
    file: "nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
    sha256: "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
  },
  {
    requirement: "nvidia-cuda-runtime-cu12==12.9.79",
    file: "nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256: "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
  },
  {
    requirement: "nvidia-cudnn-cu12==9.28.0.42",
    file: "nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375",
  },
  {
    requirement: "nvidia-cufft-cu12==11.4.1.4",
    file: "nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256: "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
  },
  {
    requirement: "nvidia-curand-cu12==10.3.10.19",
    file: "nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e",
  },
  {
    requirement: "nvidia-cusolver-cu12==11.7.5.82",
    file: "nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
  },
  {
    requirement: "nvidia-cusparse-cu12==12.5.10.65",
    file: "nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256: "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
  },
  {
    requirement: "nvidia-nccl-cu12==2.32.3",
    file: "nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c",
  },
  {
    requirement: "nvidia-nvjitlink-cu12==12.9.86",
    file: "nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
    sha256: "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
  },
];

/** Oldest C library that the wheels run on. */
export const MINIMUM_GLIBC = "2.27";

/** The npm package whose binding is compiled and whose backend is used. */
export const BINDING = {
  name: "@tensorflow/tfjs-node-gpu",
  version: "4.22.0",
  integrity: "sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==",
};
