// The product of a matrix and a vector as a module of WebAssembly, written out here: four rows at a
// time, each by two numbers at a time. Sums are of 64 bits, as in JavaScript, at four times its pace.

// Its function's parameters, addresses in bytes: of the matrix, in 32 bits and row after row; of the
// vector and of the bias, in 64 bits; of the result, in 32; then how many rows, a multiple of 4, and
// how many bytes each, of 8. Its own numbers: a place in a row, and the rows beside the first. Its
// vectors: the sums of four rows, and two numbers of the vector.
const [MATRIX, VECTOR, BIAS, RESULT, ROWS, STRIDE, AT, SECOND, THIRD, FOURTH, P, Q, R, S, V] = Array(15).keys();
const PARAMETERS = 6;
const NUMBERS = 4;
const VECTORS = 5;

const [I32, V128, NOTHING] = [0x7f, 0x7b, 0x40];
const get = (name) => [0x20, name];
const set = (name) => [0x21, name];
const number = (value) => [0x41, value]; // below 64
const [PLUS, MINUS, LESS] = [0x6a, 0x6b, 0x49];
const LOAD = [0xfd, 0x00, 3, 0];
const LOAD_FLOATS = [0xfd, 0x5d, 2, 0, 0xfd, 0x5f]; // two of 32 bits, made 64
const STORE_FLOATS = (place) => [0xfd, 0x5e, 0xfd, 0x5b, 2, place, 0]; // and back
const ADD = [0xfd, 0xf0, 1];
const MULTIPLY = [0xfd, 0xf2, 1];
const ZEROS = [0xfd, 0x0c, ...Array(16).fill(0)];
/** Two numbers out of four, those of two vectors. */
const pick = (...lanes) => [0xfd, 0x0d, ...lanes.flatMap((lane) => [0, 1, 2, 3, 4, 5, 6, 7].map((byte) => 8 * lane + byte))];
/** Do it, and again as long as what it leaves is not 0. */
const repeat = (...code) => [0x03, NOTHING, ...code.flat(), 0x0d, 0, 0x0b];

const sum = (to, one, other) => [...get(one), ...get(other), PLUS, ...set(to)];
const advance = (name, bytes) => [...get(name), ...number(bytes), PLUS, ...set(name)];
const accumulate = (sums, row) =>
  [...get(sums), ...get(V), ...get(row), ...get(AT), PLUS, ...LOAD_FLOATS, ...MULTIPLY, ...ADD, ...set(sums)];
/** Both numbers of the sums of two rows together, the bias to it, as results; the pair's number is 0 or 1. */
const finish = (pair, one, other) => [
  ...get(RESULT), ...get(BIAS), ...LOAD.with(3, 16 * pair), ...get(one), ...get(other), ...pick(0, 2), ...ADD,
  ...get(one), ...get(other), ...pick(1, 3), ...ADD, ...STORE_FLOATS(8 * pair),
];

const CODE = [
  ...repeat(
    sum(SECOND, MATRIX, STRIDE), sum(THIRD, SECOND, STRIDE), sum(FOURTH, THIRD, STRIDE),
    ...[P, Q, R, S].map((sums) => [...ZEROS, ...set(sums)]),
    number(0), set(AT),
    repeat(
      get(VECTOR), get(AT), get(AT), [PLUS, PLUS], LOAD, set(V),
      accumulate(P, MATRIX), accumulate(Q, SECOND), accumulate(R, THIRD), accumulate(S, FOURTH),
      advance(AT, 8), get(AT), get(STRIDE), [LESS],
    ),
    finish(0, P, Q), finish(1, R, S),
    sum(MATRIX, FOURTH, STRIDE), advance(RESULT, 16), advance(BIAS, 32),
    get(ROWS), number(4), [MINUS], set(ROWS), get(ROWS),
  ),
  0x0b,
];

const size = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...size(value >> 7)]);
const sized = (bytes) => [...size(bytes.length), ...bytes];
const list = (...items) => [items.length, ...items.flat()];
const section = (kind, ...items) => [kind, ...sized(list(...items))];
const text = (word) => sized(Array.from(word, (letter) => letter.charCodeAt(0)));

/** The module: it imports `room.memory`, and exports `multiply`. */
export const BYTES = Uint8Array.from([
  0, ...Array.from("asm", (letter) => letter.charCodeAt(0)), 1, 0, 0, 0,
  ...section(1, [0x60, ...list(...Array(PARAMETERS).fill(I32)), ...list()]), // the function's type
  ...section(2, [...text("room"), ...text("memory"), 2, 0, 1]),
  ...section(3, 0),
  ...section(7, [...text("multiply"), 0, 0]),
  ...section(10, sized([...list([NUMBERS, I32], [VECTORS, V128]), ...CODE])),
]);
