// What the study of many draws says: facts, which depend on its bounds alone.

/**
 * @typedef {{ draws?: number, from?: string | null, bound: number[], epochs: number[], nll: number[] }} Trained
 * @typedef {{ network: number[], pixels: string, tested: number, k: number[], models: Record<string, Trained> }} Study
 */

/** The models whose bound was measured, those of one draw first. @param {Study} study @returns {(Trained & { name: string, draws: number })[]} */
export const measured = ({ k, models }) => Object.entries(models)
  .map(([name, model]) => ({ ...model, name, draws: model.draws ?? (name === "vae" ? 1 : 50) }))
  .filter(({ bound }) => bound?.length === k.length).sort((a, b) => a.draws - b.draws);

/**
 * By how many nats the bound of the first falls from its first number of draws to its last, and by
 * how many the one of the most draws then leads.
 * @param {{ bound: number[] }[]} models as they are `measured`
 */
export function tightness(models) {
  const last = (model) => model.bound[model.bound.length - 1];
  const [first, best] = [models[0], models[models.length - 1]];
  return { fall: first.bound[0] - last(first), lead: models.length > 1 ? last(first) - last(best) : null };
}
