// A model in the browser: what the networks of its blocks can do, by name. It mirrors
// `aecore.families.Autoencoder`: encode, decode, posterior, classify.

import { Network } from "./nn.js";

/** Results are overwritten by the next call of the same method; `slice()` keeps one. */
export class Model {
  /** @param {...import("./nn.js").Block} blocks one or more of a run's (`loadBlock`); see also `add` */
  constructor(...blocks) {
    /** @type {Record<string, Network>} */
    this.networks = {};
    this.buffers = {};
    /** @type {Float32Array | null} a label for each call that gives none */
    this.label = null;
    for (const block of blocks) this.add(block);
  }

  /** The networks of one more block: an encoder may come later than its decoder. */
  add({ networks, arrays }) {
    for (const [name, net] of Object.entries(networks)) this.networks[name] ??= new Network(net, arrays);
    return this;
  }

  has(name) {
    return name in this.networks;
  }

  /** How many classes a label that it takes is of; 0 where it takes none. */
  get classes() {
    const inputs = Object.values(this.networks).flatMap((network) => network.inputs);
    return inputs.find(([name]) => name === "y")?.[1] ?? 0;
  }

  /** Take images to be of this class wherever no label is given; null: of each class alike. */
  assume(label) {
    this.label = label === null || !this.classes ? null : this.labelOf([label]);
    return this;
  }

  /** A label that says an image is of one of these classes, each alike. @param {number[]} classes */
  labelOf(classes) {
    const label = new Float32Array(this.classes);
    for (const one of classes) label[one] = 1 / classes.length;
    return label;
  }

  /** The code of an image: the mean where the encoder gives a posterior. y: one probability a class. */
  encode(x, y) {
    return this.run("encoder", { x, y }, "mean");
  }

  /** q(z | x, y) as { mean, sd }; null where codes are points. */
  posterior(x, y) {
    const logs = this.networks.encoder.place("log_var") && this.run("encoder", { x, y }, "log_var");
    if (!logs) return null;
    const sd = this.buffer("sd", logs.length);
    for (let i = 0; i < logs.length; i++) sd[i] = Math.exp(Math.min(Math.max(logs[i], -14.5), 8) / 2);
    return { mean: this.flat.subarray(...this.networks.encoder.place("mean")), sd };
  }

  /** The image of a code, 784 values in [0, 1]: x̂ = sigmoid(g(z, y)), or the pixels that g gives. */
  decode(z, y) {
    if (this.networks.decoder.place("pixels")) {
      const pixels = this.run("decoder", { z, y }, "pixels");
      const shown = this.buffer("image", pixels.length);
      for (let i = 0; i < pixels.length; i++) shown[i] = Math.min(Math.max(pixels[i], 0), 1);
      return shown;
    }
    const logits = this.run("decoder", { z, y }, "logits");
    const image = this.buffer("image", logits.length);
    for (let i = 0; i < logits.length; i++) image[i] = 1 / (1 + Math.exp(-logits[i]));
    return image;
  }

  /** −log p(x | z, y) in nats, of pixels that are drawn as probabilities: the cross-entropy. */
  nats(x, z, y) {
    const logits = this.run("decoder", { z, y }, "logits");
    let sum = 0;
    for (let i = 0; i < logits.length; i++) {
      const a = logits[i];
      sum += Math.max(a, 0) - a * x[i] + Math.log1p(Math.exp(-Math.abs(a)));
    }
    return sum;
  }

  /** What class an image is of: { digit, sure, probabilities }. */
  classify(x) {
    const logits = this.run("classifier", { x }, "logits");
    const p = this.buffer("probabilities", logits.length);
    const highest = Math.max(...logits);
    let sum = 0;
    for (let i = 0; i < p.length; i++) sum += p[i] = Math.exp(logits[i] - highest);
    let digit = 0;
    for (let i = 0; i < p.length; i++) {
      p[i] /= sum;
      if (p[i] > p[digit]) digit = i;
    }
    return { digit, sure: p[digit], probabilities: p };
  }

  /** @returns {Float32Array} the place of a result, the same at each call */
  buffer(name, size) {
    return (this.buffers[name] ??= new Float32Array(size));
  }

  /** One output of a network. An unknown class is read in the image by a model that can, or else it
   * is each of them alike. */
  run(name, values, output) {
    const network = this.networks[name];
    if (name === "encoder" && this.classes && !values.y && !this.label && this.has("classifier")) {
      values = { ...values, y: this.labelOf([this.classify(values.x).digit]) };
    }
    this.flat = network.run(...network.inputs.map(([input, size]) =>
      values[input] ?? (input === "y" ? this.label : null) ?? new Float32Array(size).fill(1 / size)));
    return this.flat.subarray(...network.place(output));
  }
}
