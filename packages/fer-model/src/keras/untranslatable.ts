/** What TensorFlow.js cannot do of a layer; who knows the file and the layer makes a message of it. */
export class Untranslatable extends Error {
  readonly found: string;
  readonly fix: string;

  constructor({ found, fix }: { found: string; fix: string }) {
    super(found);
    this.found = found;
    this.fix = fix;
  }
}
