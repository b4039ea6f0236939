// Evaluates what Python asks, a line of JSON each: an expression over modules of assets/live and x.

import { createInterface } from "node:readline";

const LIVE = new URL("../../assets/live/", import.meta.url);
const AsyncFunction = (async () => {}).constructor;

async function evaluate({ expression, x, modules }) {
    const names = Object.keys(modules);
    const loaded = await Promise.all(names.map((name) => import(new URL(modules[name], LIVE).href)));
    return new AsyncFunction("x", ...names, `return ${expression}`)(x, ...loaded);
}

const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value);

for await (const line of createInterface({ input: process.stdin })) {
    const answer = await evaluate(JSON.parse(line)).then(
        (value) => ({ value: value ?? null }),
        (error) => ({ error: String(error?.stack ?? error) }),
    );
    process.stdout.write(`${JSON.stringify(answer, plain)}\n`);
}
