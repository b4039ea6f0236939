// What the study of pretraining says: facts, which depend on its curves alone.

/** A curve of test errors. @typedef {{ step: number[], error: number[] }} Curve */

/** A curve's error at a step: that of the last measure until then. @param {Curve} curve @param {number} step */
export function errorAt({ step: steps, error }, step) {
  let found = error[0];
  steps.forEach((one, i) => {
    if (one <= step) found = error[i];
  });
  return found;
}

/**
 * Where both end that were trained much longer, or null.
 * @param {{ long?: { curves: Record<string, Curve>, error: Record<string, number> } }} study
 */
export function ends({ long }) {
  const { none, ae } = long?.curves ?? {};
  if (!long || !none || !ae) return null;
  return { step: Math.min(none.step[none.step.length - 1], ae.step[ae.step.length - 1]), stacked: long.error.ae, scratch: long.error.none };
}

/**
 * The ends of training layer by layer and from scratch, after as many updates; where the layers were
 * put together, `pretrained`; and after how many updates scratch `reached` that error, or null.
 * @param {{ curves: Record<string, Curve>, phases?: Record<string, [string, number][]> }} study
 */
export function told({ curves: { none, ae }, phases }) {
  if (!none || !ae) return { step: 0, stacked: null, scratch: null, pretrained: null, reached: null };
  const step = Math.min(none.step[none.step.length - 1], ae.step[ae.step.length - 1]);
  const layers = (phases?.ae ?? []).slice(0, -1);
  const end = layers.length ? layers[layers.length - 1][1] : null;
  const first = end === null ? -1 : ae.step.findIndex((one) => one >= end);
  const pretrained = first < 0 ? null : { step: ae.step[first], error: ae.error[first] };
  const at = pretrained ? none.error.findIndex((error) => error <= pretrained.error) : -1;
  return { step, stacked: errorAt(ae, step), scratch: errorAt(none, step), pretrained, reached: at < 0 ? null : none.step[at] };
}
