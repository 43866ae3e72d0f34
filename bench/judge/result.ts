import type { Compared } from './compare.ts';
import type { Figure, Row } from './rows.ts';

/** What bench/results/judge.json has. */
export interface JudgeFile {
  readonly rows: readonly (Pick<Row, 'id' | 'what' | 'runs'> & {
    readonly figures: readonly (Figure & { readonly holds: boolean })[];
  })[];
  readonly comparedRuns: number;
  readonly compared: readonly Compared[];
}
