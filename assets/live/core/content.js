// Content that the server gives. What does not come is asked for once more: most of it comes then.

import { Refusal } from "./refusal.js";
import { wordsOf } from "./words.js";

const { say } = wordsOf("core/content");

const SOON = 500; // milliseconds

/**
 * What is read of an answer; where it does not come, a refusal in a sentence.
 * @template Value
 * @param {string} address relative to the app's
 * @param {(answer: Response) => Promise<Value>} read
 * @param {RequestInit & { sentence?: () => string }} [options] a sentence of its own, asked for only then: what is
 *   brought ahead comes before the sentences
 * @returns {Promise<Value>}
 */
export async function content(address, read, { sentence, ...options } = {}) {
  const ask = async () => {
    const answer = await fetch(new URL(address, document.baseURI), options);
    if (!answer.ok) throw new Error(`${answer.status}`);
    return read(answer);
  };
  const later = () => new Promise((done) => setTimeout(done, SOON)).then(ask);
  return ask().catch(later).catch(() => { throw new Refusal(sentence ? sentence() : say("missing")); });
}
