/** Bugs in what a worker does with messages. @module */
import type { Built } from '../../../topology/plan/build.js';
import { Ledger } from '../../ledger/ledger.js';
import { Core } from '../../worker/core.js';
import { Engine } from '../../worker/engine.js';
import { ACKED, Progress } from '../../worker/progress.js';
import { Replays } from '../../worker/replays.js';
import { Timeouts } from '../../worker/timeouts.js';
import { replaced, type Mutant } from './mutant.js';
import { Sums } from './sums.js';

export const ofWorkers: readonly Mutant[] = [
  {
    name: 'rows are acked before they are stored',
    plant: () =>
      replaced(
        Core.prototype,
        'durably',
        (durably) =>
          async function <T>(this: Core, action: () => Promise<T>): Promise<T> {
            void durably.call(this, action);
            return undefined as T;
          },
      ),
  },
  {
    name: 'a position behind a gap is committed',
    plant: () =>
      replaced(
        Progress.prototype,
        'settle',
        (settle) =>
          function (this: Progress, tracked, i, end) {
            for (let before = 0; before < i; before++) tracked.ends[before] ||= ACKED;
            return settle.call(this, tracked, i, end);
          },
      ),
  },
  {
    name: 'a late ack is taken for one of the message that has its slot now',
    plant: () =>
      summing(
        'ack',
        (sums, ack) =>
          function (this: Ledger, slot, generation, high, low) {
            const now = this.generation(slot);
            if (generation === now) return ack.call(this, slot, generation, high, low);
            const sum = sums.of(this, slot);
            return ack.call(this, slot, now, sum.high, sum.low);
          },
      ),
  },
  {
    name: 'a rejected message is acked',
    plant: () =>
      summing(
        'fail',
        (sums, fail) =>
          function (this: Ledger, slot, generation, failure) {
            if (failure.kind !== 'rejected') return fail.call(this, slot, generation, failure);
            const { high, low } = sums.of(this, slot);
            return this.ack(slot, generation, high, low);
          },
      ),
  },
  {
    name: 'the death of a peer is not noticed',
    plant: () => replaced(Engine.prototype, 'peerLost', () => () => {}),
  },
  {
    name: 'a replay is forgotten while it waits',
    plant: () =>
      replaced(
        Replays.prototype,
        'take',
        (take) =>
          function (this: Replays, nowMs, max) {
            return take.call(this, nowMs, max).slice(0, 1);
          },
      ),
  },
  {
    name: 'messages never time out',
    plant: () => replaced(Timeouts.prototype, 'start', () => () => {}),
  },
  {
    name: 'a batch is given back too early',
    plant: () =>
      replaced(
        Progress.prototype,
        'track',
        (track) =>
          function (this: Progress, batch) {
            return Object.assign(track.call(this, batch), { held: 1 });
          },
      ),
  },
  {
    name: 'one worker sends keys elsewhere',
    planting: { built: (built, worker) => (worker === 1 ? byAnother(built) : built) },
  },
];

/** Its rows go by another field. */
const byAnother = ({ plan, components }: Built): Built => ({
  components,
  plan: {
    ...plan,
    nodes: plan.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((input) =>
        input.grouping.how === 'by'
          ? { ...input, grouping: { how: 'by', fields: ['partition'] } }
          : input,
      ),
    })),
  },
});

/** Replaces a method of the ledger by one that knows its sums. */
function summing<K extends 'ack' | 'fail'>(
  name: K,
  make: (sums: Sums, original: Ledger[K]) => Ledger[K],
): () => void {
  const sums = new Sums();
  const undo = replaced(Ledger.prototype, name, (original) => make(sums, original));
  return () => {
    undo();
    sums.undo();
  };
}
