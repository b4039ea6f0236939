// The sentences of the components. Python sends them (aecore/ui/text), so that a language is one
// folder there: a template for each key of each module, with {names} for what is filled in.

let language = "en";
let modules = {};
let plurals = new Intl.PluralRules(language);
let lists = new Intl.ListFormat(language);
let numbers = new Intl.NumberFormat(language);

/** Take the sentences of one language: { language, modules: { module: { key: template } } }. */
export function use(words) {
  ({ language, modules } = words);
  plurals = new Intl.PluralRules(language);
  lists = new Intl.ListFormat(language);
  numbers = new Intl.NumberFormat(language);
}

/**
 * The sentences of a module, such as "plane/model_view".
 *
 * A template may have forms by the number {count}, such as { one, other }. What is filled in stays
 * as it is: a name with braces is no template.
 */
export function wordsOf(module) {
  const pieces = (key, values) => {
    const template = modules[module][key];
    const text = typeof template === "string" ? template : template[plurals.select(values.count)] ?? template.other;
    return text.split(/\{(\w+)\}/).map((piece, i) => (i % 2 ? values[piece] : piece));
  };
  return {
    /** A sentence as text. */
    say: (key, values = {}) => pieces(key, values).join(""),
    /** A sentence as pieces of a page: text, and the nodes that were filled in. */
    fill: (key, values = {}) => pieces(key, values).flat().filter((piece) => piece !== ""),
  };
}

/** A template that came with other data, with its {names} filled in. */
export const filled = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Parts as they are listed: "a, b and c". */
export const list = (parts) => lists.format(parts.map(String));

/** A whole number with its thousands set apart. */
export const group = (count) => numbers.format(count);

/** A share in whole percent, with a space that does not break. */
export function percent(share) {
  const { say } = wordsOf("core/words");
  return share > 0 && share < 0.005 ? say("less_than_one") : say("percent", { share: Math.round(100 * share) });
}

/** Begin with a capital, unless a run's name comes first, such as mnist-ae. */
export const capital = (text) => (/^\S*-/.test(text) ? text : text.slice(0, 1).toUpperCase() + text.slice(1));
