/** A sentence for whoever looks at the page, as an error. */
export class Refusal extends Error {}
