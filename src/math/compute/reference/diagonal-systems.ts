/**
 * The row systems in the coordinates where everything shared is diagonal (diagonal-basis.ts), as worker threads are given them:
 * all arrays lie in shared memory.
 */
export interface DiagonalSystems {
  /** Rank. */
  readonly rank: number;
  /** g: k eigenvalues >= 0. */
  readonly spectrum: Float64Array;
  /** Z: m x k, row-major. */
  readonly z: Float64Array;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly confidence: Float32Array;
  readonly unobservedWeight: number;
  /** l: n values. */
  readonly rowPrecision: Float64Array;
  /** e: n values. */
  readonly exposure: Float64Array;
  /** q: n x k; empty when there is no prior. */
  readonly q: Float64Array;
  /** Steps of conjugate gradients; 0: exact. */
  readonly steps: number;
  /** y to start them from: n x k; empty: from q. */
  readonly start: Float64Array;
  /** y: n x k, the result. */
  readonly y: Float64Array;
}
