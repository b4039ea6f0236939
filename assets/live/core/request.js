// Requests that a hand makes of the server. The browser sends one even when its page is left at once.

import { wordsOf } from "./words.js";

const { say } = wordsOf("core/request");

/**
 * Have something done.
 * @param {string} address relative to the app's
 * @returns {Promise<string>} why it was not done, in a sentence; empty where it was
 */
export async function request(address) {
  try {
    const url = new URL(address, document.baseURI);
    const answer = await fetch(url, { method: "POST", headers: { "X-Latent-Lab": "1" }, keepalive: true });
    return (await answer.json()).error;
  } catch {
    return say("unanswered");
  }
}
