/** What coordinator and workers say while a bolt is given other tasks: the steps that `moving.ts` has. @module */
import type { GroupMove, Share } from '../planner/shares.js';

/** `move` grows with every time. */
export type ToMove =
  | {
      readonly type: 'prepare';
      readonly move: number;
      readonly component: string;
      readonly tasks: readonly number[];
      /** Those of them in this worker that are to take keys over. */
      readonly takers: readonly number[];
    }
  | { readonly type: 'hold'; readonly move: number }
  /** What tasks of this worker are to take over. */
  | { readonly type: 'take'; readonly move: number; readonly moves: readonly GroupMove[] }
  | { readonly type: 'reopen'; readonly move: number; readonly share: Share }
  | { readonly type: 'release'; readonly move: number };

/** A worker is done with a step. */
export interface FromMove {
  readonly type: 'prepared' | 'parked' | 'taken' | 'reopened';
  readonly move: number;
}
