/** The same for a process that is started: `node …youngGenerationArgs program`. */
export const youngGenerationArgs: readonly string[] = ['--max-semi-space-size=2'];

/**
 * Keeps the room for young objects at what it is when a process starts, one MiB. Called before
 * anything else is loaded.
 *
 * V8 lets it grow to 48 MiB when much survives, which is what loading a program looks like, and
 * then fills all of it: 26 MiB of resident memory more, though the data path makes some 500 bytes
 * for a request, and collections of 13 ms with 512 connections where they now take 3. The
 * price is a collection for some 2,000 requests instead of 30,000: a third of a millisecond each,
 * about 1 % of the work. (`bench/load/load.bench.ts --only garbage-64,garbage-512,garbage-memory`
 * shows all of it.)
 *
 * The largest size itself can only be given before V8 starts, and nobody starts a program with
 * flags for its garbage. The factor is read at each growth.
 */
export function keepYoungGenerationSmall(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=1');
}
