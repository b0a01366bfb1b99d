/** The protocols by name. Counts are those of the owners' files. */
import type { Protocol } from "./protocol.js";

const GOODFELLOW =
  "Goodfellow et al., Challenges in Representation Learning: A Report on Three Machine Learning Contests, ICONIP 2013";
const BARSOUM =
  "Barsoum, Zhang, Canton Ferrer, Zhang, Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label Distribution, ICMI 2016";
const MOLLAHOSSEINI =
  "Mollahosseini, Hasani, Mahoor, AffectNet: A Database for Facial Expression, Valence, and Arousal Computing in the Wild, IEEE TAC 2017";

const FERPLUS = {
  dataset: "ferplus",
  extraction: { rule: "majority" },
  options: { split: "official", classes: 8 },
  ownerParts: ["train", "val", "test"],
  counts: {
    train: [8740, 2100, 119, 532, 7287, 3014, 3149, 119],
    val: [1182, 287, 24, 62, 865, 351, 415, 13],
    test: [1090, 273, 18, 83, 893, 384, 396, 16],
  },
  metric: "accuracy",
  paper: BARSOUM,
} as const;

const AFFECTNET = {
  dataset: "affectnet",
  ownerParts: ["train", "val"],
  metric: "accuracy",
  paper: MOLLAHOSSEINI,
} as const;
const AFFECTNET_TRAIN = [74_874, 24_882, 3803, 6378, 134_415, 25_459, 14_090, 3750];

export const protocols = {
  fer2013: {
    name: "fer2013",
    title: "FER2013: trained on Training, validated on PublicTest, tested on PrivateTest",
    dataset: "fer2013",
    options: { split: "official", classes: 7 },
    ownerParts: ["train", "val", "test"],
    counts: {
      train: [4965, 3995, 436, 4097, 7215, 4830, 3171],
      val: [607, 467, 56, 496, 895, 653, 415],
      test: [626, 491, 55, 528, 879, 594, 416],
    },
    metric: "accuracy",
    paper: GOODFELLOW,
  },
  rafdb: {
    name: "rafdb",
    title: "RAF-DB, basic expressions: the owner's train and test",
    dataset: "rafdb",
    options: { split: "official", classes: 7 },
    ownerParts: ["train", "test"],
    counts: {
      train: [2524, 705, 717, 281, 4772, 1982, 1290],
      test: [680, 162, 160, 74, 1185, 478, 329],
    },
    metric: "balancedAccuracy",
    paper:
      "Li, Deng, Du, Reliable Crowdsourcing and Deep Locality-Preserving Learning for Expression Recognition in the Wild, CVPR 2017 (mean diagonal of the confusion matrix; later papers report accuracy)",
  },
  "ferplus-majority": {
    ...FERPLUS,
    name: "ferplus-majority",
    title: "FER+, the class of the majority of the votes",
  },
  "ferplus-distribution": {
    ...FERPLUS,
    name: "ferplus-distribution",
    title: "FER+, trained on the distribution of the votes, tested on the class of the majority",
    needs: ["votes"],
  },
  "affectnet-7": {
    ...AFFECTNET,
    name: "affectnet-7",
    title:
      "AffectNet, seven classes (without contempt, as later papers): tested on the validation part, 500 images a class",
    options: { split: "official", classes: 7 },
    counts: { train: AFFECTNET_TRAIN.slice(0, 7), test: AFFECTNET_TRAIN.slice(0, 7).map(() => 500) },
  },
  "affectnet-8": {
    ...AFFECTNET,
    name: "affectnet-8",
    title: "AffectNet, eight classes: tested on the validation part, 500 images a class",
    options: { split: "official", classes: 8 },
    counts: { train: AFFECTNET_TRAIN, test: AFFECTNET_TRAIN.map(() => 500) },
  },
  "ckplus-10fold": {
    name: "ckplus-10fold",
    title: "CK+, ten folds: the 118 labelled subjects sorted by id, fold k tests every tenth",
    dataset: "ckplus",
    options: { split: "subject-modulo", folds: 10, classes: 8, allowMissing: true },
    ownerParts: ["all"],
    counts: null,
    people: 118,
    metric: "accuracy",
    paper:
      "Jung, Lee, Yim, Park, Kim, Joint Fine-Tuning in Deep Neural Networks for Facial Expression Recognition, ICCV 2015 (data: Lucey et al., CVPR Workshops 2010)",
  },
  afew: {
    name: "afew",
    title: "AFEW (EmotiW): trained on Train, tested on Val; a number a clip",
    dataset: "afew",
    options: { split: "official", classes: 7 },
    ownerParts: ["train", "val"],
    counts: null,
    metric: "accuracy",
    paper:
      "Dhall, Kaur, Goecke, Gedeon, EmotiW 2018: Audio-Video, Student Engagement and Group-Level Affect Prediction, ICMI 2018 (data: Dhall, Goecke, Lucey, Gedeon, Collecting Large, Richly Annotated Facial-Expression Databases from Movies, IEEE MultiMedia 2012)",
  },
  "affwild2-abaw": {
    name: "affwild2-abaw",
    title:
      "Aff-Wild2 (ABAW), seven classes: trained on the training set, tested on the validation set, frame by frame; frames of Other, the eighth class of ABAW from 2022 on, are left out",
    dataset: "affwild2",
    options: { split: "official", classes: 7 },
    ownerParts: ["train", "val"],
    counts: null,
    metric: "macroF1",
    paper:
      "Kollias, ABAW: Valence-Arousal Estimation, Expression Recognition, Action Unit Detection & Multi-Task Learning Challenges, CVPR Workshops 2022",
  },
} as const satisfies Record<string, Protocol>;

/** Name of a protocol. */
export type ProtocolName = keyof typeof protocols;

/** Names for options and help. */
export const PROTOCOL_NAMES = Object.keys(protocols) as [ProtocolName, ...ProtocolName[]];
