/** Text to tokens, the encoder's mean of hidden states, the regressor, and the known items nearest to the vector: all in the browser. */

import * as ort from "./lib/ort.wasm.min.mjs";
import { Tokenizer } from "./lib/tokenizers.min.mjs";

// Threads need headers that a plain file host does not send.
ort.env.wasm.numThreads = 1;

const load = async (name) => (await fetch(name)).arrayBuffer();
const settings = await (await fetch("settings.json")).json();
const tokenizer = new Tokenizer(await (await fetch("tokenizer.json")).json(), {});
const [encoder, regressor] = await Promise.all(["encoder.onnx", "regressor.onnx"].map(open));
const known = new Float32Array(await load("items.bin"));

async function open(name) {
  return ort.InferenceSession.create(await load(name));
}

/** The mean of the last hidden states over the tokens, at length 1. */
async function encode(text) {
  const ids = tokenizer.encode(text).ids.slice(0, settings.maximumLength);
  const tensor = (value) => new ort.Tensor("int64", BigInt64Array.from(ids, value), [1, ids.length]);
  const given = { input_ids: tensor(BigInt), attention_mask: tensor(() => 1n), token_type_ids: tensor(() => 0n) };
  const feeds = Object.fromEntries(encoder.inputNames.map((name) => [name, given[name]]));
  const { last_hidden_state: states } = await encoder.run(feeds);
  const d = states.dims[2];
  const mean = new Float32Array(d);
  states.data.forEach((value, at) => {
    mean[at % d] += value / ids.length;
  });
  const length = Math.hypot(...mean);
  return mean.map((value) => value / length);
}

/** The vector of a new item: the factors that its content lets expect. */
async function embed(text) {
  const features = await encode(text);
  const { prior } = await regressor.run({
    features: new ort.Tensor("float32", features, [1, features.length]),
    presence: new ort.Tensor("float32", Float32Array.of(1), [1, 1]),
  });
  return prior.data;
}

/** Titles of the items whose vectors have the smallest angle to this one. */
function nearest(vector, count) {
  const cosineWith = (row) => {
    let [product, square] = [0, 0];
    for (let j = 0; j < vector.length; j++) {
      const value = known[row * vector.length + j];
      product += value * vector[j];
      square += value * value;
    }
    return square === 0 ? -1 : product / Math.sqrt(square);
  };
  const rows = settings.titles.map((title, row) => ({ title, cosine: cosineWith(row) }));
  return rows.sort((a, b) => b.cosine - a.cosine).slice(0, count);
}

const form = document.querySelector("form");
const button = document.querySelector("button");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const vector = await embed(new FormData(form).get("text"));
  const list = document.createElement("ol");
  for (const { title } of nearest(vector, 5))
    list.append(Object.assign(document.createElement("li"), { textContent: title }));
  const numbers = document.createElement("code");
  numbers.textContent = Array.from(vector, (value) => value.toFixed(4)).join(" ");
  document.querySelector("output").replaceChildren("Nearest known items:", list, `${vector.length} numbers: `, numbers);
});
button.disabled = false;
button.textContent = "Embed";
