// Shapes that several modules pass to each other, for the type checker. Nothing here reaches a browser.

/** A named array of a block, as `unpack` gives it. */
interface BlockArray {
  values: ArrayLike<number> & Iterable<number>;
  shape: number[];
}

/** What `aecore.web.blocks` packs: plain values, and arrays by name. */
interface Block {
  latent_dim?: number;
  prior?: unknown;
  networks?: Record<string, unknown>;
  arrays: Record<string, BlockArray>;
  [name: string]: any;
}

/** The latent space of a model: codes of test images, and what counts as near them. */
interface Space {
  codes: Float32Array;
  labels: ArrayLike<number>;
  count: number;
  dim: number;
  prior?: unknown;
  /** Training codes, and how near one has to be; none of a space that is only looked at. */
  reference?: Float32Array;
  radius?: number;
  /** How codes are called on axes; "z" unless said. */
  mark?: string;
  /** The planes that are computed of its codes. */
  projections?: ComputedPlane[];
}

/** A plane that is computed of codes, as `aecore.analysis.projections` describes it. */
interface ComputedPlane {
  name: string;
  title?: string;
  symbol: string;
  note?: string;
  more?: string;
  /** p = A (z − m) with `axes` A and `mean` m, which hold the `share` of the variance ... */
  mean?: Float32Array;
  axes?: Float32Array;
  share?: ArrayLike<number>;
  /** ... or where the test images stand, and no formula. */
  places?: Float32Array;
}

/** The two dimensions of a plane, or the name of one that is computed. */
type PlaneKey = number[] | string;

interface Ellipse {
  rx: number;
  ry: number;
  angle: number;
}

/** A plane of a latent space: where a code stands on it, and which code a place of it means. */
interface Projection {
  space: Space;
  key: PlaneKey;
  mark: string;
  names: number[];
  /** Whether its distances mean something. */
  metric: boolean;
  /** Where the test images stand, two numbers each. */
  readonly places: Float32Array;
  place(z: ArrayLike<number>): number[];
  unproject(place: number[], rest?: ArrayLike<number>, reach?: number): ArrayLike<number> | null;
  move(z: ArrayLike<number>, dx: number, dy: number): ArrayLike<number>;
  spread(sd: ArrayLike<number>): Ellipse | null;
}
